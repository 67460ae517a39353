/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Reading: each case whole and with windows that grow by 1, 2, 3 ... bytes, for what is read must not
 * depend on how bytes come. Expected values are worked out by hand from RFC 4180 and the ASP's format.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"
#include "support/unit.h"

#define PIPES "delimiter=| quote= header_line=2 first_line=DEB last_line=FIN pad_lines=true join_lines=true"

int test_read(void);

struct reading {
    const char *name, *options, *columns;
    struct gw_str input;
    const char *expected;
    bool places;
};

#define BYTES(literal)                                                                                         \
    {                                                                                                          \
        literal, sizeof(literal) - 1                                                                           \
    }

static const struct reading readings[] = {
    {"plain", "", "a,b", BYTES("a,b\n1,2\n3,4\n"), "L2 4-8 |1|2|\nL3 8-12 |3|4|\nEND\n", false},
    {"cr lf", "", "a,b", BYTES("a,b\r\n1,2\r\n3,4\r\n"), "L2 5-10 |1|2|\nL3 10-15 |3|4|\nEND\n", false},
    {"cr alone", "", "a,b", BYTES("a,b\r1,2\r3,4\r"), "L2 4-8 |1|2|\nL3 8-12 |3|4|\nEND\n", false},
    {"cr is data where lf ends lines", "", "a,b", BYTES("a,b\n1\r,2\n\r3,4\n"),
     "L2 4-9 |1\\r|2|\nL3 9-14 |\\r3|4|\nEND\n", false},
    {"mixed line ends", "", "a,b", BYTES("a,b\r\n1,2\n3,4\r\n"), "L2 5-9 |1|2|\nL3 9-14 |3|4|\nEND\n", false},
    {"places", "", "a,b,c", BYTES("a,b,c\n1,22,333\n,,x\n"),
     "L2 6-15 |1@2:1|22@2:3|333@2:6|\nL3 15-19 |@3:1|@3:2|x@3:3|\nEND\n", true},
    {"places in bytes", "", "a,b", BYTES("a,b\n\xC3\xA9,2\n"), "L2 4-9 |\xC3\xA9@2:1|2@2:4|\nEND\n", true},
    {"no end of the last line", "", "a,b", BYTES("a,b\n1,2"), "W csv.last_line 2:4\nL2 4-7 |1|2|\nEND\n",
     false},
    {"last cell empty at the end", "", "a,b", BYTES("a,b\n1,"), "W csv.last_line 2:3\nL2 4-6 |1||\nEND\n",
     false},
    {"last line ends by half of cr lf", "", "a,b", BYTES("a,b\r\n1,2\r"),
     "W csv.last_line 2:5\nL2 5-9 |1|2|\nEND\n", false},
    {"blanks are kept", "", "a,b", BYTES("a,b\n 1 , 2 \n"), "L2 4-12 | 1 | 2 |\nEND\n", false},
    {"empty cells", "", "a,b,c", BYTES("a,b,c\n,,\n"), "L2 6-9 ||||\nEND\n", false},
    {"blank lines", "", "a,b", BYTES("\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n"), "L5 8-12 |1|2|\nL8 15-19 |3|4|\nEND\n",
     false},
    {"one column", "", "a", BYTES("a\n1\n\"\"\n\n2\n"), "L2 2-4 |1|\nL3 4-7 ||\nL5 8-10 |2|\nEND\n", false},
    {"a mark the host left", "", "a,b",
     BYTES("\xEF\xBB\xBF"
           "a,b\n1,2\n"),
     "L2 7-11 |1|2|\nEND\n", false},
    {"more than 16 bytes a cell, 17 cells", "delimiter=;", "",
     BYTES("a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q\n1;2;3;4;5;6;7;8;abcdefghijklmnopqrstuvwxyz;0;1;2;3;4;5;6;7\n"),
     "L2 34-93 |1|2|3|4|5|6|7|8|abcdefghijklmnopqrstuvwxyz|0|1|2|3|4|5|6|7|\nEND\n", false},

    {"quotes", "", "a,b", BYTES("\"a\",\"b\"\n\"x,1\",\"y\"\"z\"\n\"\",\"\"\"\"\n"),
     "L2 8-21 |x,1|y\"z|\nL3 21-29 ||\"|\nEND\n", false},
    {"quotes and plain cells", "", "a,b,c", BYTES("a,b,c\n1,\"2\",3\n\"1\",2,\"3\"\r\n"),
     "L2 6-14 |1|2|3|\nL3 14-25 |1|2|3|\nEND\n", false},
    {"quoted at the very end", "", "a,b", BYTES("a,b\n1,\"2\""), "W csv.last_line 2:6\nL2 4-9 |1|2|\nEND\n",
     false},
    {"several lines", "", "a,b", BYTES("a,b\n\"x\ny\",2\n3,4\n"),
     "L2 4-12 |x\\ny@2:1|2@3:4|\nL4 12-16 |3@4:1|4@4:3|\nEND\n", true},
    {"several lines, cr lf", "", "a,b", BYTES("a,b\r\n1,\"x\r\n\r\ny\"\r\n3,4\r\n"),
     "L2 5-17 |1@2:1|x\\r\\n\\r\\ny@2:3|\nL5 17-22 |3@5:1|4@5:3|\nEND\n", true},
    {"several lines, cr", "", "a,b", BYTES("a,b\r\"x\ry\",2\r"), "L2 4-12 |x\\ry@2:1|2@3:4|\nEND\n", true},
    {"a header of two lines", "delimiter=;", "", BYTES("\"a\nb\";c\n1;2\n"), "L3 8-12 |1|2|\nEND\n", false},
    {"a quote within a cell is data", "", "a,b", BYTES("a,b\nx\"y,2\"\n"), "L2 4-11 |x\"y|2\"|\nEND\n", false},
    {"without quotes", "quote=", "a,b", BYTES("a,b\n\"1,2\n\"\",\"\n"),
     "L2 4-9 |\"1|2|\nL3 9-14 |\"\"|\"|\nEND\n", false},
    {"another quote", "quote='", "a,b", BYTES("a,b\n'1,2',\"\n"), "L2 4-12 |1,2|\"|\nEND\n", false},

    {"too few cells", "", "a,b,c", BYTES("a,b,c\n1,2\n1,2,3\n"),
     "E csv.cells_few 2:1 found=2 expected=3\nX2 6-10\nL3 10-16 |1|2|3|\nEND\n", false},
    {"too many cells", "", "a,b", BYTES("a,b\n1,2,3,4\n1,2\n"),
     "E csv.cells_many 2:5 found=4 expected=2\nX2 4-12\nL3 12-16 |1|2|\nEND\n", false},
    {"text behind a quote", "", "a,b", BYTES("a,b\n\"1\"x,2\n3,4\n"),
     "E csv.quote_text 2:4\nX2 4-11\nL3 11-15 |3|4|\nEND\n", false},
    {"a blank behind a quote", "", "a,b", BYTES("a,b\n1,\"2\" \n3,4\n"),
     "E csv.quote_text 2:6\nX2 4-11\nL3 11-15 |3|4|\nEND\n", false},
    {"quotes not doubled", "", "a,b", BYTES("a,b\n\"say \"yes\", now\",2\n3,4\n"),
     "E csv.quote_text 2:7\nX2 4-23\nL3 23-27 |3|4|\nEND\n", false},
    {"never closed", "", "a,b", BYTES("a,b\n0,0\n1,\"x\n2,y\n3,z\n"),
     "L2 4-8 |0|0|\nE csv.quote_open 3:3\nX3 8-13\nL4 13-17 |2|y|\nL5 17-21 |3|z|\nEND\n", false},
    {"never closed, but others open behind", "", "a,b", BYTES("a,b\n1,\"x\n2,\"y\"\n3,z\n"),
     "E csv.quote_open 2:3\nX2 4-9\nL3 9-15 |2|y|\nL4 15-19 |3|z|\nEND\n", false},
    {"never closed on the second line of a record", "", "a,b", BYTES("a,b\n\"1\n1\",\"x\n2,y\n"),
     "E csv.quote_open 3:4\nX2 4-13\nL4 13-17 |2|y|\nEND\n", false},
    {"never closed on the last line", "", "a,b", BYTES("a,b\n1,2\n3,\"4"),
     "L2 4-8 |1|2|\nE csv.quote_open 3:3\nX3 8-12\nEND\n", false},
    {"nul", "", "a,b", BYTES("a,b\n1,x\0y\n3,4\n"), "E csv.nul 2:4\nX2 4-10\nL3 10-14 |3|4|\nEND\n", false},
    {"nul in quotes", "", "a,b", BYTES("a,b\n1,\"\0\"\n3,4\n"), "E csv.nul 2:4\nX2 4-10\nL3 10-14 |3|4|\nEND\n",
     false},

    {"any order", "", "b!,a!", BYTES("a,b\n1,2\n"), "L2 4-8 |1|2|\nEND\n", false},
    {"unknown columns are kept", "", "a!", BYTES("z,a\n1,2\n"), "L2 4-8 |1|2|\nEND\n", false},
    {"a required column missing", "", "nom!,prenom!", BYTES("nom,prenmo,ville\n1,2,3\n"),
     "E csv.column_missing 1:1 column=prenom nearest=prenmo\nFAIL\n", false},
    {"nearest is rather one that is free", "", "noms!,nom", BYTES("nom,nms\n1,2\n"),
     "E csv.column_missing 1:1 column=noms nearest=nms\nFAIL\n", false},
    {"optional columns missing", "", "a,b,c", BYTES("b\n1\n2\n"),
     "W csv.column_optional 1:1 columns=a, c count=2\nL2 2-4 |1|\nL3 4-6 |2|\nEND\n", false},
    {"a column twice", "", "a,b", BYTES("a,b,a\n1,2,3\n"),
     "E csv.column_twice 1:5 column=a first=1 second=3\nFAIL\n", false},
    {"columns without a name", "", "a", BYTES("a,,\n1,2,3\n"), "L2 4-10 |1|2|3|\nEND\n", false},
    {"not a header", "", "a,b", BYTES("1,2\n3,4\n"), "E csv.header_missing 1:1 line=1\nFAIL\n", false},
    {"empty", "", "a,b", BYTES(""), "E csv.empty 1:1\nFAIL\n", false},
    {"blank lines only", "", "a,b", BYTES("\n\r\n"), "E csv.empty 3:1\nFAIL\n", false},
    {"only a header", "", "a,b", BYTES("a,b\n"), "END\n", false},
    {"only a header without end", "", "a,b", BYTES("a,b"), "W csv.last_line 1:4\nEND\n", false},
    {"a quote open in the header", "", "a,b", BYTES("a,\"b\n1,2\n"), "E csv.quote_open 1:3\nFAIL\n", false},
    {"junk in the header", "", "a,b", BYTES("a,\"b\"c\n1,2\n"), "E csv.quote_text 1:6\nFAIL\n", false},

    {"no header", "header_line=0", "a,b", BYTES("1,2\n3,4\n"), "L1 0-4 |1|2|\nL2 4-8 |3|4|\nEND\n", false},
    {"no header, no columns", "header_line=0", "", BYTES("1,2\n"), "E csv.columns_unknown 1:1\nFAIL\n", false},
    {"no header, nothing", "header_line=0", "a,b", BYTES(""), "END\n", false},
    {"header on line 3", "header_line=3", "a,b", BYTES("# it's 5\" wide\n\na,b\n1,2\n"),
     "L4 20-24 |1|2|\nEND\n", false},
    {"no line 3", "header_line=3", "a,b", BYTES("a,b\n1,2\n"), "E csv.header_missing 3:1 line=3\nFAIL\n",
     false},

    {"the delimiter is chosen", "delimiter=, delimiter_read=;|\\t", "a,b", BYTES("a;b\n1;2,3\n"),
     "L2 4-10 |1|2,3|\nEND\n", false},
    {"a tab is chosen", "delimiter=, delimiter_read=;|\\t", "a,b", BYTES("a\tb\n1;\t2,3\n"),
     "L2 4-11 |1;|2,3|\nEND\n", false},
    {"the first is kept when all are equal", "delimiter=; delimiter_read=,", "a", BYTES("a\n1,2\n"),
     "L2 2-6 |1,2|\nEND\n", false},
    {"quotes do not mislead the choice", "delimiter=; delimiter_read=,", "a,b", BYTES("\"a,x,y\";b\n1;2\n"),
     "W csv.column_optional 1:1 columns=a count=1\nL2 10-14 |1|2|\nEND\n", false},
    {"the delimiter is the quote", "delimiter=\"", "a,b", BYTES("a,b\n"), "E csv.delimiter 1:1\nFAIL\n", false},
    {"no delimiter", "delimiter=", "a,b", BYTES("a,b\n"), "E csv.delimiter 1:1\nFAIL\n", false},

    {"first and last line", PIPES, "a,b,c", BYTES("DEBVue01||\na|b|c\n1|2|3\n4||\nFIN2||\n"),
     "L3 17-23 |1@3:1|2@3:3|3@3:5|\nL4 23-27 |4@4:1|@4:3|@4:4|\nEND DEB=Vue01@1:4 FIN=2@5:4\n", true},
    {"no last line", PIPES, "a,b", BYTES("DEBVue01|\na|b\n1|2\n"), "L3 14-18 |1|2|\nEND DEB=Vue01\n", false},
    {"context not padded", PIPES, "a,b", BYTES("DEBVue01\na|b\n1|2\nFIN1\n\n"),
     "L3 13-17 |1|2|\nEND DEB=Vue01 FIN=1\n", false},
    {"last line without end", PIPES, "a,b", BYTES("DEBx|\na|b\n1|2\nFIN1|"),
     "L3 10-14 |1|2|\nW csv.last_line 4:6\nEND DEB=x FIN=1\n", false},
    {"last line required", PIPES " last_line_required=true", "a,b", BYTES("DEBx|\na|b\n1|2\n"),
     "L3 10-14 |1|2|\nE csv.trailer_missing 4:1 prefix=FIN\nFAIL\n", false},
    {"last line in the middle", PIPES, "a,b", BYTES("DEBx|\na|b\n1|2\nFIN1|\n\n3|4\nFIN2|\n"),
     "L3 10-14 |1|2|\nE csv.trailer_middle 4:1 prefix=FIN\nX4 14-20\nL6 21-25 |3|4|\nEND DEB=x FIN=2\n", false},
    {"data that begins like the last line", PIPES, "a,b", BYTES("DEBx|\na|b\nFINANCE|4\nFIN1|\n"),
     "L3 10-20 |FINANCE|4|\nEND DEB=x FIN=1\n", false},
    {"no first line", PIPES, "a,b", BYTES("a|b\n1|2\n"), "W csv.first_line 1:1 prefix=DEB\nL2 4-8 |1|2|\nEND\n",
     false},
    {"cells in the first line", PIPES, "a,b", BYTES("DEBx|y\na|b\n1|2\n"),
     "W csv.context_cells 1:1\nL3 11-15 |1|2|\nEND DEB=x\n", false},
    {"only a first line", PIPES, "a,b", BYTES("DEBx|\n"), "E csv.header_missing 2:1 line=2\nFAIL\n", false},
    {"a lone quote is data", PIPES, "a,b", BYTES("DEB|\na|b\n\"|5\" pipe\n"),
     "L3 9-19 |\"|5\" pipe|\nEND DEB=\n", false},
    {"a line end within a cell", PIPES, "a,b,c", BYTES("DEB||\na|b|c\n1|x\n|3\n|5|6\n"),
     "L3 12-19 |1@3:1|x\\n@3:3|3@4:2|\nL5 19-24 |@5:1|5@5:2|6@5:4|\nEND DEB=@1:4\n", true},
    {"a line end within a cell, cr lf", PIPES, "a,b,c", BYTES("DEB||\r\na|b|c\r\n1|x\r\n|3\r\n"),
     "L3 14-23 |1|x\\r\\n|3|\nEND DEB=\n", false},
    {"two of them", PIPES, "a,b,c", BYTES("DEB||\na|b|c\n1\n|\n|3\n"), "L3 12-19 |1\\n|\\n|3|\nEND DEB=\n",
     false},
    {"a whole line is not continued", PIPES, "a,b", BYTES("DEB|\na|b\n1|2\n|4\n"),
     "L3 9-13 |1|2|\nL4 13-16 ||4|\nEND DEB=\n", false},
    {"too few, and the next is whole", PIPES, "a,b,c", BYTES("DEB||\na|b|c\n1|2\n|5|6\n"),
     "E csv.cells_few 3:1 found=2 expected=3\nX3 12-16\nL4 16-21 ||5|6|\nEND DEB=\n", false},
    {"too few, and the next is other", PIPES, "a,b,c", BYTES("DEB||\na|b|c\n1|2\n4|5|6\n"),
     "E csv.cells_few 3:1 found=2 expected=3\nX3 12-16\nL4 16-22 |4|5|6|\nEND DEB=\n", false},
    {"too few at the end", PIPES, "a,b,c", BYTES("DEB||\na|b|c\n1|2\n"),
     "E csv.cells_few 3:1 found=2 expected=3\nX3 12-16\nEND DEB=\n", false},
    {"lines end with a delimiter", PIPES, "a,b", BYTES("DEBx|\na|b|\n1|2|\n3|4\n5|6|7\n"),
     "L3 11-16 |1|2|\nL4 16-20 |3|4|\nE csv.cells_many 5:5 found=3 expected=2\nX5 20-26\nEND DEB=x\n", false},
    {"lines end with a delimiter, a line end within a cell", PIPES, "a,b,c",
     BYTES("DEB||\na|b|c|\n1|x\n|3|\n|5|6|\n"),
     "L3 13-21 |1@3:1|x\\n@3:3|3@4:2|\nL5 21-27 |@5:1|5@5:2|6@5:4|\nEND DEB=@1:4\n", true},
    {"lines end with a delimiter, two line ends", PIPES, "a,b,c", BYTES("DEB||\na|b|c|\n1\n|\n|3|\n"),
     "L3 13-21 |1\\n|\\n|3|\nEND DEB=\n", false},
    {"a row shows that lines end with a delimiter", PIPES, "a,b,c", BYTES("DEB||\na|b|c\n1|2|3|\n4|x\n|6|\n"),
     "L3 12-19 |1|2|3|\nL4 19-27 |4|x\\n|6|\nEND DEB=\n", false},
    {"nothing shows it: an empty cell at the end is one", PIPES, "a,b,c", BYTES("DEB||\na|b|c\n1|x\n|3|\n"),
     "E csv.cells_few 3:1 found=2 expected=3\nX3 12-16\nL4 16-20 ||3||\nEND DEB=\n", false},
    {"a first line without header", "header_line=0 first_line=DEB", "a,b", BYTES("DEBx\n1,2\n"),
     "L2 5-9 |1|2|\nEND DEB=x\n", false},
};

static void check_reading(const struct reading *c, size_t step)
{
    struct fake_host h;

    fake_start(&h, c->options, c->columns);
    fake_read(&h, c->input.ptr, c->input.len, step, c->places);
    if (strcmp(h.log.text, c->expected) != 0)
        fail_msg("%s, step %zu:\n%s\ninstead of:\n%s", c->name, step, h.log.text, c->expected);
    fake_done(&h);
}

static void reads_each_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
        for (size_t step = 0; step <= readings[i].input.len + 1; step++)
            check_reading(&readings[i], step);
}

/* Whatever fails, GW_FATAL comes back and nothing else goes wrong. */
static void survives_each_failing_allocation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
        const struct reading *c = &readings[i];
        bool failed = true;

        for (size_t at = 1; failed; at++) {
            struct fake_host h;

            fake_start(&h, c->options, c->columns);
            h.fail_at = at;
            fake_read(&h, c->input.ptr, c->input.len, 0, false);
            failed = h.allocations >= at;
            if (failed && !strstr(h.log.text, "FATAL\n"))
                fail_msg("%s: allocation %zu failed, and:\n%s", c->name, at, h.log.text);
            fake_done(&h);
        }
    }
}

/*
 * A file cut at any byte: each record that is given is one of the whole file, or something was said. A cut
 * between two lines cannot be seen, where no last line is asked for.
 */
static void check_cut(const struct reading *c, const char *whole, size_t len, size_t step)
{
    struct fake_host h;
    char *copy = malloc(len ? len : 1), *line, *rest;

    memcpy(copy, c->input.ptr, len);
    fake_start(&h, c->options, c->columns);
    fake_read(&h, copy, len, step, c->places);
    if (!strstr(h.log.text, "W csv.last_line") && !strstr(h.log.text, "\nE ") && h.log.text[0] != 'E') {
        for (line = strtok_r(h.log.text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
            if (line[0] == 'L' && !strstr(whole, line))
                fail_msg("%s cut at %zu: %s, without a word", c->name, len, line);
    }
    fake_done(&h);
    free(copy);
}

static void says_where_a_file_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
        struct fake_host h;

        fake_start(&h, readings[i].options, readings[i].columns);
        fake_read(&h, readings[i].input.ptr, readings[i].input.len, 0, readings[i].places);
        for (size_t len = 0; len < readings[i].input.len; len++)
            for (size_t step = 0; step < 3; step++)
                check_cut(&readings[i], h.log.text, len, step);
        fake_done(&h);
    }
}

struct large {
    const char *name, *options, *columns, *head;
    char fill;
    const char *tail, *expected; /* with record_bytes 4096 and 10 000 times `fill` between head and tail */
};

static const struct large larges[] = {
    {"a line too long", "", "a,b", "a,b\n0,0\n1,", 'x', "\n3,4\n",
     "L2 4-8 |0|0|\nE csv.long 3:1 limit=4096\nX3 8-10011\nL4 10011-10015 |3|4|\nEND\n"},
    {"blanks in quotes, too long", "", "a,b", "a,b\n1,\"", ' ', "\"\n3,4\n",
     "E csv.quote_open 2:3\nX2 4-10009\nL3 10009-10013 |3|4|\nEND\n"},
    {"a quote open, no line end in sight", "", "a,b", "a,b\n1,\"", 'x', "\r\n3,4\r\n",
     "E csv.quote_open 2:3\nX2 4-10009\nL3 10009-10014 |3|4|\nEND\n"},
    {"a last line too long", "", "a,b", "a,b\n1,2\n", 'x', "",
     "L2 4-8 |1|2|\nE csv.long 3:1 limit=4096\nX3 8-10008\nEND\n"},
    {"a header too long", "", "a,b", "a,b", 'x', "\n1,2\n", "E csv.long 1:1 limit=4096\nFAIL\n"},
    {"cr lines too long", "", "a,b", "a,b\r1,", 'x', "\r3,4\r",
     "E csv.long 2:1 limit=4096\nX2 4-10007\nL3 10007-10011 |3|4|\nEND\n"},
    {"many cells", "", "a,b", "a,b\n", ',', "\n3,4\n",
     "E csv.long 2:1 limit=4096\nX2 4-10005\nL3 10005-10009 |3|4|\nEND\n"},
    {"blank lines are no record", "", "a,b", "a,b\n", '\n', "3,4\n", "L10002 10004-10008 |3|4|\nEND\n"},
};

static void bounds_a_record(void **state)
{
    static const size_t steps[] = {0, 1, 7, 1000, 4095, 4096, 5000};

    (void)state;
    for (size_t i = 0; i < sizeof(larges) / sizeof(larges[0]); i++)
        for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
            const struct large *c = &larges[i];
            size_t head = strlen(c->head), tail = strlen(c->tail), len = head + 10000 + tail;
            char *input = malloc(len);
            struct fake_host h;

            memcpy(input, c->head, head);
            memset(input + head, c->fill, 10000);
            memcpy(input + head + 10000, c->tail, tail);
            fake_start(&h, c->options, c->columns);
            h.stream.record_bytes = 4096;
            fake_read(&h, input, len, steps[k], false);
            if (strcmp(h.log.text, c->expected) != 0)
                fail_msg("%s, step %zu:\n%s\ninstead of:\n%s", c->name, steps[k], h.log.text, c->expected);
            fake_done(&h);
            free(input);
        }
}

static void keeps_memory_constant(void **state)
{
    enum { ROWS = 5000 };
    char *input = malloc(ROWS * 20 + 40);
    size_t len = (size_t)sprintf(input, "DEBx|\na|b\n");
    struct fake_host h;
    struct gw_record rec;
    size_t kept;

    (void)state;
    for (int i = 0; i < ROWS; i++)
        len += (size_t)sprintf(input + len, i % 3 ? "%d|\"\"\n" : "FIN%d|\n", i);
    fake_start(&h, "delimiter=| header_line=2 first_line=DEB last_line=FIN", "a,b");
    h.input = input;
    h.len = len;
    h.step = 100;
    assert_int_equal(h.plugin->reader->open(&h.s), GW_OK);
    kept = h.nkept;
    for (int i = 0; i < ROWS - 1; i++) {
        assert_int_equal(fake_next(&h, &rec), i % 3 ? GW_OK : GW_REJECT);
        assert_int_equal(h.nkept, kept);
    }
    fake_done(&h);
    free(input);
}

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void read_drawn(struct fake_host *h, const char *options, const char *input, size_t len, size_t step,
                       size_t record_bytes)
{
    fake_start(h, options, "a,b,c");
    h->stream.record_bytes = record_bytes;
    fake_read(h, input, len, step, true);
}

/* Drawn bytes: what is read, rejected and said is the same whatever the windows are, small records too. */
static void does_not_depend_on_windows(void **state)
{
    static const char *const options[] = {"", "header_line=0", "header_line=0 last_line=F join_lines=true",
                                          "quote= header_line=0 join_lines=true pad_lines=true last_line=F",
                                          "header_line=2 first_line=F delimiter=; delimiter_read=,"};
    static const char letters[] = "a,\"\n\rF; x\0\",\n,a\n,,\n";
    uint32_t seed = 7;

    (void)state;
    for (int n = 0; n < 30000; n++) {
        const char *option = options[n % 5];
        size_t len = draw(&seed) % 50, record_bytes = draw(&seed) % 2 ? 12 : 65536;
        char input[64] = "a,b,c\n";
        struct fake_host whole, parts;

        for (size_t i = n % 2 ? 6 : 0; i < len; i++)
            input[i] = letters[draw(&seed) % (sizeof(letters) - 1)];
        read_drawn(&whole, option, input, len, 0, record_bytes);
        read_drawn(&parts, option, input, len, 1 + draw(&seed) % 7, record_bytes);
        if (strcmp(whole.log.text, parts.log.text) != 0)
            fail_msg("%s (draw %d):\n%s\ninstead of:\n%s", option, n, parts.log.text, whole.log.text);
        fake_done(&whole);
        fake_done(&parts);
    }
}

struct guess {
    const char *name;
    struct gw_str head;
    int at_least, at_most;
};

static const struct guess guesses[] = {
    {"commas", BYTES("a,b,c\n1,2,3\n4,5,6\n"), 60, 60},
    {"pipes with a first line", BYTES("DEBx||\na|b|c\n1|\"|3\n4|5|6\n"), 60, 60},
    {"quoted line ends",
     BYTES("\xEF\xBB\xBF"
           "a;b;c\r\n1;\"2\n\n\";3\r\n4;5;6\r\n7;8"),
     60, 60},
    {"two lines", BYTES("a;b\n1;2\n"), 20, 50},
    {"one line", BYTES("a;b;c\n"), 1, 20},
    {"uneven", BYTES("a;b;c\n1;2\n3\n"), 0, 0},
    {"prose", BYTES("Bonjour.\nTout va bien.\n"), 0, 0},
    {"json", BYTES("{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2}\n"), 0, 0},
    {"xml", BYTES("<a>\n<b,c>\n"), 0, 0},
    {"binary", BYTES("a,b\n1,\0\n"), 0, 0},
    {"nothing", BYTES(""), 0, 0},
};

static void guesses_what_is_csv(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
        struct gw_probe p = {.head = guesses[i].head};
        int sure = fake_plugin()->probe(&p);

        if (sure < guesses[i].at_least || sure > guesses[i].at_most)
            fail_msg("%s: %d", guesses[i].name, sure);
    }
}

int test_read(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_case),
        cmocka_unit_test(survives_each_failing_allocation),
        cmocka_unit_test(says_where_a_file_is_cut),
        cmocka_unit_test(bounds_a_record),
        cmocka_unit_test(keeps_memory_constant),
        cmocka_unit_test(guesses_what_is_csv),
        cmocka_unit_test(does_not_depend_on_windows),
    };

    return cmocka_run_group_tests_name("csv read", tests, NULL, NULL);
}
