# SPDX-License-Identifier: EUPL-1.2
"""The disks that were possible when the power went: what was synced is there, the rest may be, in any part.

A file is a list of writes and cuts; a folder is a list of names given and taken. Each is pending until its own
file or folder is synced. After a failed sync of a file what was pending is doubtful for good: a later sync says
nothing of it, only the same bytes written again do. Names stay pending: a disk that keeps some of a folder's later
names keeps the earlier ones.
"""
import os
import struct

HEAD = struct.Struct("<IIQQQQII")
CREATE, FOLDER, WRITE, TRUNCATE, SYNC, SYNC_FAILED, RENAME, UNLINK, DROP = range(1, 10)
KINDS = ("supervisor", "applier", "reader", "writer")
SECTOR = 512

PENDING, DURABLE, DOUBTFUL = range(3)


class Op:
    """One call of the record."""

    def __init__(self, fields, names, data):
        self.op, kind, self.inode, self.folder, self.to_folder, self.at = fields[:6]
        self.kind = KINDS[kind] if kind < len(KINDS) else "partner"
        self.names, self.data = names, data


def pack(op, inode, folder, name, data):
    """A line of the record by a partner: a file that is there, durable, from now on."""
    return HEAD.pack(op, len(KINDS), inode, folder, 0, 0, len(name), len(data)) + name + data


def read(path):
    with open(path, "rb") as f:
        log = f.read()
    ops, at = [], 0
    while at < len(log):
        fields = HEAD.unpack_from(log, at)
        at += HEAD.size
        names = log[at:at + fields[6]].decode().split("/") if fields[6] else []
        data = log[at + fields[6]:at + fields[6] + fields[7]]
        at += fields[6] + fields[7]
        ops.append(Op(fields, names, data))
    return ops


class Change:
    """A write or cut of a file, a name given or taken in a folder."""

    def __init__(self, apply, state=PENDING, data=None, at=0):
        self.apply, self.state, self.data, self.at = apply, state, data, at


class Node:
    """A file or a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.changes = []

    def sync(self, state):
        for change in self.changes:
            if change.state == PENDING:
                change.state = state


def put(content, at, data):
    if len(content) < at + len(data):
        content.extend(bytes(at + len(data) - len(content)))
    content[at:at + len(data)] = data


def cut(content, size):
    del content[size:]
    content.extend(bytes(size - len(content)))


class Choice:
    """Which of the pending changes the disk has: none, all, or each by chance, writes perhaps in part."""

    def __init__(self, rng, share):
        self.rng, self.share = rng, share

    def has(self, change):
        if change.state == DURABLE or self.share == 1:
            return True
        return self.share > 0 and self.rng.random() < self.share

    def apply(self, change, content):
        if not self.has(change):
            return
        if change.data is None or change.state == DURABLE or self.share == 1 or self.rng.random() < 0.6:
            change.apply(content)
            return
        at = change.at
        while at < change.at + len(change.data): # torn: some of its sectors
            end = min((at // SECTOR + 1) * SECTOR, change.at + len(change.data))
            if self.rng.random() < 0.5:
                put(content, at, change.data[at - change.at:end - change.at])
            at = end


def look(path):
    """(inode, name, what is in it): a list of such, or bytes."""
    inside = []
    for entry in os.scandir(path):
        if entry.is_dir():
            inside.append(look(entry.path))
        else:
            with open(entry.path, "rb") as f:
                inside.append((entry.inode(), entry.name, f.read()))
    return os.stat(path).st_ino, os.path.basename(path), inside


class Disk:
    """Begins with what look() saw before the record: all of that is durable."""

    def __init__(self, seen):
        self.nodes, self.live = {}, {}
        self.root = self._start(seen)

    def _start(self, seen):
        inode, _, inside = seen
        node = self.nodes[inode] = Node(isinstance(inside, list))
        if not node.folder:
            self._write(node, 0, inside, DURABLE)
            return node
        self.live[inode] = {}
        for child in inside:
            self._name(inode, child[1], self._start(child), DURABLE)
        return node

    @staticmethod
    def _write(node, at, data, state=PENDING):
        node.changes.append(Change(lambda content: put(content, at, data), state, data, at))

    def _name(self, folder, name, node, state=PENDING):
        self.nodes[folder].changes.append(Change(lambda names: names.__setitem__(name, node), state))
        self.live[folder][name] = node

    def _made(self, op, state=PENDING):
        if op.folder in self.live:
            node = self.nodes[op.inode] = Node(op.op == FOLDER)
            if node.folder:
                self.live[op.inode] = {}
            self._name(op.folder, op.names[0], node, state)
            if op.data:
                self._write(node, 0, op.data, DURABLE)

    def _rename(self, op):
        if op.folder not in self.live or op.to_folder not in self.live:
            return
        old, new = op.names
        node = self.live[op.folder].pop(old)
        self.live[op.to_folder][new] = node

        def take(names):
            if names.get(old) is node:
                del names[old]

        def give(names):
            names[new] = node

        def both(names):
            take(names)
            give(names)

        if op.folder == op.to_folder:
            self.nodes[op.folder].changes.append(Change(both))
        else:
            self.nodes[op.folder].changes.append(Change(take))
            self.nodes[op.to_folder].changes.append(Change(give))

    def _unlink(self, op):
        if op.folder in self.live:
            name = op.names[0]
            self.live[op.folder].pop(name, None)
            self.nodes[op.folder].changes.append(Change(lambda names: names.pop(name, None)))

    def play(self, op, synced=True):
        """`synced` False: this fsync is taken out of the program."""
        if op.op in (CREATE, FOLDER):
            self._made(op)
        elif op.op == DROP:
            self._made(op, DURABLE)
        elif op.op == RENAME:
            self._rename(op)
        elif op.op == UNLINK:
            self._unlink(op)
        elif op.inode in self.nodes:
            node = self.nodes[op.inode]
            if op.op == WRITE:
                self._write(node, op.at, op.data)
            elif op.op == TRUNCATE:
                node.changes.append(Change(lambda content: cut(content, op.at)))
            elif op.op == SYNC and synced:
                node.sync(DURABLE)
            elif op.op == SYNC_FAILED and not node.folder:
                node.sync(DOUBTFUL)

    def build(self, target, choice, node=None):
        """The tree as one of the possible disks has it."""
        node = node or self.root
        os.makedirs(target)
        names = {}
        for change in node.changes:
            choice.apply(change, names)
        for name, child in names.items():
            path = os.path.join(target, name)
            if child.folder:
                self.build(path, choice, child)
            else:
                content = bytearray()
                for change in child.changes:
                    choice.apply(change, content)
                with open(path, "wb") as f:
                    f.write(content)

    def path_of(self, inode):
        """As it is called now, for people."""
        return self._path(self.root, self.nodes.get(inode), "") or "?"

    def _path(self, folder, wanted, before):
        inode = next(i for i, n in self.nodes.items() if n is folder)
        if folder is wanted:
            return before or "."
        for name, child in self.live[inode].items():
            if child is wanted:
                return before + name
            if child.folder:
                found = self._path(child, wanted, before + name + "/")
                if found:
                    return found
        return None
