/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A page for people, written once and put out as Markdown or as HTML that needs nothing else. Texts are
 * escaped here; what goes wrong with memory is told by page_done().
 */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "base/buf.h"
#include "base/diag.h"

enum page_kind { PAGE_MARKDOWN, PAGE_HTML };

struct page {
    struct buf out;
    enum page_kind kind;
    enum lang lang;
    size_t cells; /* in the row at hand */
    bool in_row;
};

void page_open(struct page *p, enum page_kind kind, enum lang lang, const char *title);
/* To standard output; false: it was not written whole. */
bool page_done(struct page *p);

/* `anchor`: lower case, the text's words with - between them; what links lead to. */
void page_heading(struct page *p, unsigned level, struct gw_str anchor, struct gw_str text);
void page_paragraph(struct page *p);
void page_paragraph_end(struct page *p);
void page_list(struct page *p);
void page_item(struct page *p);
void page_item_end(struct page *p);
void page_list_end(struct page *p);
/* Heads first, then rows of as many cells. `look`: a class of the style sheet in page.c. */
void page_table(struct page *p, const char *look, const char *const *heads, size_t n);
void page_row(struct page *p);
void page_cell(struct page *p, const char *look);
void page_table_end(struct page *p);

void page_text(struct page *p, struct gw_str text);
void page_words(struct page *p, const char *text);
void page_number(struct page *p, uint64_t n);
void page_code(struct page *p, struct gw_str text);
void page_strong(struct page *p, const char *text);
void page_link(struct page *p, struct gw_str anchor, struct gw_str text);

#endif
