/* SPDX-License-Identifier: EUPL-1.2 */
/* Rejected records with their bytes and their diagnostics, one JSON object a line. */
#include "base/str.h"
#include "pipeline/convert.h"

#define DIAGNOSTICS_MAX ((size_t)1 << 20) /* of one record */

struct rejects {
    struct sink sink; /* first */
    struct reject_options options;
    struct output output;
    struct buf diagnostics; /* of the record at hand, a JSON list without its brackets */
    struct buf raw, line;
    bool open;
};

static void take(struct sink *sink, const struct diag *d)
{
    struct rejects *r = (struct rejects *)sink;
    size_t before = r->diagnostics.len;

    if (r->options.next)
        r->options.next->put(r->options.next, d);
    if (!r->open || r->diagnostics.failed)
        return;
    if (before)
        buf_char(&r->diagnostics, ',');
    diag_json(&r->diagnostics, r->options.catalogue, r->options.lang, d, r->options.mask);
    if (r->diagnostics.failed)
        r->diagnostics.len = before; /* enough was said of this record */
}

enum gw_result rejects_open(struct arena *a, const char *path, const struct reject_options *o,
                            struct rejects **ret)
{
    struct rejects *r = arena_zero(a, sizeof(*r));

    if (!r)
        return GW_FATAL;
    r->sink.put = take;
    r->options = *o;
    buf_init(&r->diagnostics, DIAGNOSTICS_MAX);
    buf_init(&r->raw, (size_t)64 << 20);
    buf_init(&r->line, (size_t)256 << 20);
    *ret = r;
    if (!path)
        return GW_OK;
    r->open = true;
    return output_open_path(&r->output, path, 0, o->next);
}

struct sink *rejects_sink(struct rejects *r)
{
    return &r->sink;
}

bool rejects_kept(const struct rejects *r)
{
    return r->open;
}

void rejects_begin(struct rejects *r)
{
    buf_clear(&r->diagnostics);
}

static void base64(struct buf *out, struct gw_str s)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < s.len; i += 3) {
        uint32_t n = (uint32_t)(unsigned char)s.ptr[i] << 16;
        char quad[4];

        if (i + 1 < s.len)
            n |= (uint32_t)(unsigned char)s.ptr[i + 1] << 8;
        if (i + 2 < s.len)
            n |= (unsigned char)s.ptr[i + 2];
        quad[0] = letters[n >> 18];
        quad[1] = letters[n >> 12 & 63];
        quad[2] = i + 1 < s.len ? letters[n >> 6 & 63] : '=';
        quad[3] = i + 2 < s.len ? letters[n & 63] : '=';
        buf_add(out, quad, 4);
    }
}

void raw_json(struct buf *out, struct gw_str raw)
{
    bool text = str_valid(raw);

    buf_text(out, text ? ",\"raw\":" : ",\"raw_base64\":\"");
    if (text) {
        buf_json(out, raw);
        return;
    }
    base64(out, raw);
    buf_char(out, '"');
}

enum gw_result rejects_put(struct rejects *r, uint64_t record, struct source *s)
{
    bool whole;

    if (!r->open)
        return GW_OK;
    buf_clear(&r->raw);
    buf_clear(&r->line);
    whole = source_raw(s, &r->raw);
    buf_format(&r->line, "{\"record\":%llu", (unsigned long long)record);
    raw_json(&r->line, buf_view(&r->raw));
    if (!whole)
        buf_text(&r->line, ",\"truncated\":true");
    buf_text(&r->line, ",\"diagnostics\":[");
    buf_str(&r->line, buf_view(&r->diagnostics));
    buf_text(&r->line, "]}\n");
    if (r->line.failed)
        return GW_FATAL;
    output_add(&r->output, r->line.data, r->line.len);
    return output_commit(&r->output);
}

enum gw_result rejects_close(struct rejects *r, bool keep)
{
    enum gw_result result = r->open ? output_close(&r->output, keep) : GW_OK;

    r->open = false;
    buf_done(&r->diagnostics);
    buf_done(&r->raw);
    buf_done(&r->line);
    return result;
}
