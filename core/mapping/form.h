/* SPDX-License-Identifier: EUPL-1.2 */
/* What a line does, told by its first converter (`split` wherever it stands). */
#ifndef MAPPING_FORM_H
#define MAPPING_FORM_H

enum form {
    FORM_VALUE,  /* one place, one field, converters between */
    FORM_JOIN,   /* several places to one field, by a template */
    FORM_SPLIT,  /* one place to several fields, by a template */
    FORM_WORDS,  /* several places, or fields, joined by a blank */
    FORM_LIST,   /* one text to a list, or each node of a place that repeats */
    FORM_MEMBER, /* is this code in the list? */
    FORM_RULE,   /* a rule of several natives or fields */
    FORM_CONST,  /* these have no value of the pivot: */
    FORM_NIL,
    FORM_TEST,
    FORM_LINE,
    FORM_COUNT,
    FORM_SUM,
    FORM_NOW,
    FORM_TREE,   /* the node whole */
    FORM_REST,   /* what nobody claimed */
    FORM_REF,    /* another resource */
    FORM_SELECT, /* no place: which resources are this scope's */
};

#endif
