/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/page.h"

#include <stdio.h>

#include "base/str.h"

#define PAGE_MAX ((size_t)64 << 20)

/* For a screen and for paper: nothing is folded away, heads are repeated, rows stay whole. */
static const char style[] =
    "body{font:14px/1.45 sans-serif;margin:2em auto;max-width:80em;padding:0 1em;color:#111;background:#fff}\n"
    "h1,h2,h3{line-height:1.2}h2{border-top:2px solid #333;padding-top:.6em;margin-top:2em}\n"
    "a{color:#003a8c}code{font:12px monospace;overflow-wrap:anywhere}\n"
    "table{border-collapse:collapse;margin:.8em 0}th,td{border:1px solid #999;padding:.15em .4em;"
    "text-align:left;vertical-align:top;font-size:12px}th{background:#e8e8e8}thead{display:table-header-group}"
    "\n"
    "tr{break-inside:avoid}table.matrix td,table.matrix th{text-align:right;padding:.1em "
    ".25em;font-size:11px}\n"
    "table.matrix td:first-child,table.matrix th:first-child{text-align:left;white-space:nowrap}\n"
    "td.full{background:#bfe3bf}td.much{background:#e2f0cf}td.some{background:#fdf3c8}td.little{background:#"
    "fbe0c4}"
    "td.none{color:#777}\n"
    "@page{size:A4 landscape;margin:12mm}\n"
    "@media "
    "print{body{font-size:9pt;margin:0;max-width:none;padding:0}th,td{font-size:7.5pt}code{font-size:7pt}"
    "table.matrix td,table.matrix th{font-size:6pt;padding:0 "
    ".15em}h2{break-before:page}h2,h3{break-after:avoid}"
    "td.full,td.much,td.some,td.little,th{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "a{color:inherit;text-decoration:none}}\n";

static bool html(const struct page *p)
{
    return p->kind == PAGE_HTML;
}

/* ---- texts ---- */

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

static void escape_html(struct buf *b, struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char *name = entity(text.ptr[i]);

        if (name)
            buf_text(b, name);
        else if ((unsigned char)text.ptr[i] >= ' ' || text.ptr[i] == '\n' || text.ptr[i] == '\t')
            buf_char(b, text.ptr[i]);
        else
            buf_char(b, ' ');
    }
}

static void escape_markdown(struct buf *b, struct gw_str text, const char *special)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (strchr(special, c) && c)
            buf_char(b, '\\');
        buf_char(b, (unsigned char)c < ' ' ? ' ' : c);
    }
}

void page_text(struct page *p, struct gw_str text)
{
    if (html(p))
        escape_html(&p->out, text);
    else
        escape_markdown(&p->out, text, "\\`*_[]<>|#");
}

void page_words(struct page *p, const char *text)
{
    page_text(p, str_of(text));
}

void page_number(struct page *p, uint64_t n)
{
    buf_number(&p->out, n);
}

/* In Markdown between as many ` as it needs; in a table | is escaped even there. */
void page_code(struct page *p, struct gw_str text)
{
    const char *fence = text.len && memchr(text.ptr, '`', text.len) ? "``" : "`";

    if (!text.len)
        return;
    if (html(p)) {
        buf_text(&p->out, "<code>");
        escape_html(&p->out, text);
        buf_text(&p->out, "</code>");
        return;
    }
    buf_text(&p->out, fence);
    escape_markdown(&p->out, text, p->in_row ? "|" : "");
    buf_text(&p->out, fence);
}

void page_strong(struct page *p, const char *text)
{
    buf_text(&p->out, html(p) ? "<strong>" : "**");
    page_words(p, text);
    buf_text(&p->out, html(p) ? "</strong>" : "**");
}

void page_link(struct page *p, struct gw_str anchor, struct gw_str text)
{
    buf_text(&p->out, html(p) ? "<a href=\"#" : "[");
    page_text(p, html(p) ? anchor : text);
    buf_text(&p->out, html(p) ? "\">" : "](#");
    if (html(p))
        page_text(p, text);
    else
        buf_str(&p->out, anchor);
    buf_text(&p->out, html(p) ? "</a>" : ")");
}

/* ---- blocks ---- */

void page_open(struct page *p, enum page_kind kind, enum lang lang, const char *title)
{
    *p = (struct page){.kind = kind, .lang = lang};
    buf_init(&p->out, PAGE_MAX);
    if (html(p)) {
        buf_format(&p->out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\" />\n<title>",
                   lang == LANG_FR ? "fr" : "en");
        page_words(p, title);
        buf_format(&p->out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
    } else {
        buf_text(&p->out, "# ");
    }
    page_words(p, title);
    buf_text(&p->out, html(p) ? "</h1>\n" : "\n\n");
}

bool page_done(struct page *p)
{
    bool good;

    if (html(p))
        buf_text(&p->out, "</body>\n</html>\n");
    good = !p->out.failed && fwrite(p->out.data, 1, p->out.len, stdout) == p->out.len && fflush(stdout) == 0;
    buf_done(&p->out);
    return good;
}

void page_heading(struct page *p, unsigned level, struct gw_str anchor, struct gw_str text)
{
    if (html(p))
        buf_format(&p->out, "<h%u id=\"%.*s\">", level, STR_ARG(anchor));
    else
        buf_format(&p->out, "%.*s ", (int)level, "####");
    page_text(p, text);
    if (html(p))
        buf_format(&p->out, "</h%u>\n", level);
    else
        buf_text(&p->out, "\n\n");
}

void page_paragraph(struct page *p)
{
    buf_text(&p->out, html(p) ? "<p>" : "");
}

void page_paragraph_end(struct page *p)
{
    buf_text(&p->out, html(p) ? "</p>\n" : "\n\n");
}

void page_list(struct page *p)
{
    buf_text(&p->out, html(p) ? "<ul>\n" : "");
}

void page_item(struct page *p)
{
    buf_text(&p->out, html(p) ? "<li>" : "- ");
}

void page_item_end(struct page *p)
{
    buf_text(&p->out, html(p) ? "</li>\n" : "\n");
}

void page_list_end(struct page *p)
{
    buf_text(&p->out, html(p) ? "</ul>\n" : "\n");
}

static void row_end(struct page *p)
{
    if (!p->in_row)
        return;
    if (html(p) && p->cells)
        buf_text(&p->out, "</td>");
    buf_text(&p->out, html(p) ? "</tr>\n" : " |\n");
    p->in_row = false;
}

void page_table(struct page *p, const char *look, const char *const *heads, size_t n)
{
    if (html(p))
        buf_format(&p->out, "<table class=\"%s\">\n<thead><tr>", look);
    p->in_row = true;
    for (size_t i = 0; i < n; i++) {
        buf_text(&p->out, html(p) ? "<th>" : "| ");
        page_words(p, heads[i]);
        buf_text(&p->out, html(p) ? "</th>" : " ");
    }
    p->in_row = false;
    buf_text(&p->out, html(p) ? "</tr></thead>\n<tbody>\n" : "|\n");
    for (size_t i = 0; i < n && !html(p); i++)
        buf_text(&p->out, "|---");
    buf_text(&p->out, html(p) ? "" : "|\n");
}

void page_row(struct page *p)
{
    row_end(p);
    buf_text(&p->out, html(p) ? "<tr>" : "");
    p->in_row = true;
    p->cells = 0;
}

void page_cell(struct page *p, const char *look)
{
    if (html(p)) {
        buf_text(&p->out, p->cells ? "</td>" : "");
        buf_format(&p->out, look ? "<td class=\"%s\">" : "<td>", look);
    } else {
        buf_text(&p->out, p->cells ? " | " : "| ");
    }
    p->cells++;
}

void page_table_end(struct page *p)
{
    row_end(p);
    buf_text(&p->out, html(p) ? "</tbody>\n</table>\n" : "\n");
}
