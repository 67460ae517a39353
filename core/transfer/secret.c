/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

#define SECRET_ROOM 65536u

static const struct gw_str of_file = GW_STR_INIT("file:"), of_env = GW_STR_INIT("env:"),
                           of_credential = GW_STR_INIT("credential:");

bool secret_reference(struct gw_str r)
{
    return (str_begins(r, of_file) && r.len > of_file.len) || (str_begins(r, of_env) && r.len > of_env.len) ||
           (str_begins(r, of_credential) && r.len > of_credential.len);
}

void secret_wipe(struct secret *s)
{
    if (s->data) {
        explicit_bzero(s->data, s->room);
        (void)munmap(s->data, s->room);
    }
    *s = (struct secret){.data = NULL};
}

/* Memory of its own: wiped whole, not in a core file, not in a child, not on the swap where the machine allows.
 */
static bool make_room(struct secret *s)
{
    void *at = mmap(NULL, SECRET_ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return false;
    (void)mlock(at, SECRET_ROOM);
    (void)madvise(at, SECRET_ROOM, MADV_DONTDUMP);
    (void)madvise(at, SECRET_ROOM, MADV_WIPEONFORK);
    *s = (struct secret){.data = at, .room = SECRET_ROOM};
    return true;
}

/* One line end at the end is the editor's; a text of several lines is a key, and is kept whole. */
static void trim(struct secret *s)
{
    if (s->len && s->data[s->len - 1] == '\n')
        s->len--;
    if (s->len && s->data[s->len - 1] == '\r')
        s->len--;
    if (memchr(s->data, '\n', s->len))
        s->data[s->len++] = '\n';
    s->data[s->len] = '\0';
}

static const char *fill(int fd, struct secret *s)
{
    ssize_t n = 0;

    while (s->len < s->room - 2 && (n = read(fd, s->data + s->len, s->room - 2 - s->len)) != 0) {
        if (n < 0 && errno != EINTR)
            return "secret.unreadable";
        s->len += n > 0 ? (size_t)n : 0;
    }
    return s->len == s->room - 2 ? "secret.too_large" : NULL;
}

static const char *from_file(const char *path, struct secret *s)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    const char *code = NULL;

    if (fd < 0)
        return errno == ENOENT ? "secret.absent" : "secret.unreadable";
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        code = "secret.unreadable";
    else if (st.st_mode & (S_IROTH | S_IWOTH))
        code = "secret.readable";
    else
        code = fill(fd, s);
    (void)close(fd);
    return code;
}

static const char *from_env(const char *name, struct secret *s)
{
    const char *value = getenv(name);

    if (!value)
        return "secret.absent";
    if (strlen(value) > s->room - 2)
        return "secret.too_large";
    s->len = strlen(value);
    memcpy(s->data, value, s->len);
    return NULL;
}

static const char *from_credential(const char *name, struct secret *s)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_MAX];

    if (!folder || strchr(name, '/'))
        return "secret.absent";
    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return "secret.absent";
    return from_file(path, s);
}

static enum gw_result read_as(struct gw_str reference, bool text, struct secret *ret, const char **ret_code)
{
    char place[PATH_MAX];
    struct gw_str rest, kind = str_cut(reference, ':', &rest);
    const char *code = NULL;

    *ret = (struct secret){.data = NULL};
    *ret_code = NULL;
    if (!reference.len)
        return GW_OK;
    if (!secret_reference(reference) || rest.len >= sizeof(place))
        code = "secret.reference";
    else if (!make_room(ret))
        code = "secret.memory";
    else {
        memcpy(place, rest.ptr, rest.len);
        place[rest.len] = '\0';
        code = str_is(kind, "file")  ? from_file(place, ret)
               : str_is(kind, "env") ? from_env(place, ret)
                                     : from_credential(place, ret);
    }
    if (!code && text)
        trim(ret);
    if (!code && !ret->len)
        code = "secret.empty";
    if (code)
        secret_wipe(ret);
    *ret_code = code;
    return code ? GW_FAIL : GW_OK;
}

enum gw_result secret_read(struct gw_str reference, struct secret *ret, const char **ret_code)
{
    return read_as(reference, true, ret, ret_code);
}

enum gw_result secret_read_bytes(struct gw_str reference, struct secret *ret, const char **ret_code)
{
    return read_as(reference, false, ret, ret_code);
}
