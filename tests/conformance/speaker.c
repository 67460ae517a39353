/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A program for the exec plugin. `speaker read`: lines "nom=X" are records, "!..." are bad ones, "fin" is the
 * end, without which the file is cut. `speaker write`: the other way.
 */
#include <stdio.h>
#include <string.h>

static int cut(void)
{
    puts("{\"fail\":\"cut\"}");
    return 0;
}

static int read_file(void)
{
    char line[256];

    for (int number = 1; fgets(line, sizeof(line), stdin); number++) {
        char *end = strchr(line, '\n');

        if (!end)
            return cut();
        *end = '\0';
        if (strcmp(line, "fin") == 0) {
            puts("{\"end\":true}");
            return 0;
        }
        if (strncmp(line, "nom=", 4) == 0)
            printf("{\"record\":{\"nom\":\"%s\",\"rangs\":[1,-2.50,null],\"vrai\":true},\"line\":%d}\n",
                   line + 4, number);
        else
            printf("{\"reject\":\"%s\",\"line\":%d}\n", line, number);
    }
    return cut();
}

static int write_file(void)
{
    static const char key[] = "{\"record\":{\"nom\":\"";
    char line[1024];

    while (fgets(line, sizeof(line), stdin)) {
        if (strncmp(line, key, sizeof(key) - 1) == 0)
            printf("nom=%.*s\n", (int)strcspn(line + sizeof(key) - 1, "\""), line + sizeof(key) - 1);
        else if (strncmp(line, "{\"end\"", 6) == 0)
            return puts("fin") < 0;
    }
    return 1;
}

int main(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "write") == 0 ? write_file() : read_file();
}
