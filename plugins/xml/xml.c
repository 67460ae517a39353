/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * xml - XML over libxml2's push parser. Here is what the host sees of the plugin; the reader
 * is in xml_read.c, the writer in xml_write.c.
 */
#include "xml.h"

static bool begins(struct gw_str head, struct gw_str with)
{
    return head.len >= with.len && memcmp(head.ptr, with.ptr, with.len) == 0;
}

/* The first letter of a name, or a byte of one beyond ASCII. */
static bool begins_name(char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26 || c == '_' || (unsigned char)c >= 0x80;
}

static int xml_probe(const struct gw_probe *p)
{
    struct gw_str head = p->head;

    if (begins(head, GW_STR("\xEF\xBB\xBF")))
        head = (struct gw_str){head.ptr + 3, head.len - 3};
    if (begins(head, GW_STR("<?xml")))
        return 95;
    while (head.len && xml_blank(*head.ptr))
        head = (struct gw_str){head.ptr + 1, head.len - 1};
    if (begins(head, GW_STR("<!--")))
        return 60;
    return head.len > 1 && head.ptr[0] == '<' && begins_name(head.ptr[1]) ? 75 : 0;
}

#define AT(member) offsetof(struct xml_config, member)

static const struct gw_option options[] = {
    {"root", GW_OPT_TEXT, AT(root), NULL, NULL,
     "nom de l'élément racine : exigé en lecture, écrit en écriture ; vide : tous sont lus",
     "name of the root element: demanded when reading, written when writing; empty: any is read"},
    {"namespace", GW_OPT_TEXT, AT(namespace), NULL, NULL,
     "espace de noms (URI) de la racine : exigé en lecture, déclaré par défaut en écriture",
     "namespace (URI) of the root: demanded when reading, declared as the default when writing"},
    {"attributes", GW_OPT_TEXT, AT(attributes), NULL, NULL,
     "attributs écrits tels quels dans la racine, par exemple pour le schéma",
     "attributes written as they stand into the root, for the schema for instance"},
    {"declaration", GW_OPT_TEXT, AT(declaration), NULL, NULL,
     "encodage nommé par la déclaration XML écrite ; vide : pas de déclaration",
     "encoding named by the XML declaration that is written; empty: no declaration"},
    {"indent", GW_OPT_CHOICE, AT(indent), "none", "none|tab|two|four",
     "retrait écrit : aucun (une seule ligne), tabulation, deux ou quatre blancs",
     "indentation written: none (a single line), a tab, two or four blanks"},
    {"empty", GW_OPT_CHOICE, AT(empty), "selfclose", "selfclose|selfclose_space|pair",
     "élément vide écrit : <a/>, <a /> ou <a></a>", "empty element written: <a/>, <a /> or <a></a>"},
    {"final_newline", GW_OPT_BOOL, AT(final_newline), "true", NULL, "terminer le fichier par une fin de ligne",
     "end the file with a line end"},
    {"nil", GW_OPT_BOOL, AT(nil), "false", NULL, "écrire une valeur nulle avec xsi:nil, et non vide",
     "write a null value with xsi:nil, not empty"},
    {.name = NULL},
};

static const struct gw_message messages[] = {
    {"xml.syntax", "ce n'est pas du XML bien formé : {said}", "this is not well-formed XML: {said}",
     "Corrigez le fichier à cet endroit, ou demandez-le de nouveau à l'émetteur.",
     "Correct the file at this place, or ask its sender for it again."},
    {"xml.tag", "</{found}> ferme <{open}>", "</{found}> closes <{open}>",
     "Il manque la balise de fin de <{open}>, ou celle-ci est de trop.",
     "The end tag of <{open}> is missing, or this one should not be here."},
    {"xml.ampersand", "un « & » seul", "a lone \"&\"", "Dans un texte, « & » s'écrit « &amp; ».",
     "In a text, \"&\" is written \"&amp;\"."},
    {"xml.less_than", "un « < » dans une balise", "a \"<\" within a tag",
     "Un guillemet n'est pas fermé, ou un « < » du texte devait s'écrire « &lt; ».",
     "A quote is not closed, or a \"<\" of the text should be written \"&lt;\"."},
    {"xml.entity", "l'entité « &{name}; » n'est pas définie", "the entity \"&{name};\" is not defined",
     "Écrivez le caractère lui-même : seules &amp; &lt; &gt; &quot; &apos; et &#n; sont admises.",
     "Write the character itself: only &amp; &lt; &gt; &quot; &apos; and &#n; are accepted."},
    {"xml.character", "un caractère interdit en XML", "a character that XML does not allow",
     "Retirez les caractères de commande du texte.", "Remove control characters from the text."},
    {"xml.nul", "octet nul dans les données", "NUL byte in the data",
     "Le fichier est abîmé ou n'est pas du texte : demandez-le de nouveau à l'émetteur.",
     "The file is damaged or is not text: ask its sender for it again."},
    {"xml.attribute", "l'attribut « {name} » est donné deux fois", "attribute \"{name}\" is given twice",
     "Retirez l'un des deux.", "Remove one of the two."},
    {"xml.prefix", "le préfixe « {prefix} » n'est pas déclaré", "prefix \"{prefix}\" is not declared",
     "Le fichier est lu ; l'émetteur devrait le déclarer par xmlns:{prefix}.",
     "The file is read; its sender should declare it by xmlns:{prefix}."},
    {"xml.doctype", "le fichier a une DTD (<!DOCTYPE {name}>)", "the file has a DTD (<!DOCTYPE {name}>)",
     "Les DTD et leurs entités sont refusées par sécurité : demandez un fichier sans DTD.",
     "DTDs and their entities are refused for safety: ask for a file without one."},
    {"xml.root", "la racine est <{found}> au lieu de <{expected}>", "the root is <{found}>, not <{expected}>",
     "Vérifiez le format choisi : ce fichier en suit un autre.",
     "Check the format that was chosen: this file follows another."},
    {"xml.namespace", "l'espace de noms est « {found} » au lieu de « {expected} »",
     "the namespace is \"{found}\", not \"{expected}\"",
     "Vérifiez la version du format : ce fichier en suit une autre.",
     "Check the format's version: this file follows another."},
    {"xml.no_namespace", "la racine n'a pas d'espace de noms ; « {expected} » est attendu",
     "the root has no namespace; \"{expected}\" is expected",
     "Le fichier est lu ; son émetteur devrait le déclarer.",
     "The file is read; its sender should declare it."},
    {"xml.empty", "pas d'élément racine", "no root element", "Demandez de nouveau le fichier à l'émetteur.",
     "Ask the sender for the file again."},
    {"xml.truncated", "le fichier s'arrête avant la fin de <{element}>",
     "the file stops before the end of <{element}>",
     "Le transfert a été coupé : demandez de nouveau le fichier à l'émetteur.",
     "The transfer was cut: ask the sender for the file again."},
    {"xml.depth", "trop d'éléments les uns dans les autres", "too many elements within one another",
     "Aucun format connu ne va si profond : vérifiez le fichier, ou relevez la limite.",
     "No known format goes that deep: check the file, or raise the limit."},
    {"xml.too_large", "plus d'octets qu'un enregistrement ne peut en avoir",
     "more bytes than a record may have",
     "Vérifiez où sont les enregistrements dans ce format, ou relevez la limite d'un enregistrement.",
     "Check where records are in this format, or raise the limit of a record."},
    {"xml.context", "trop de données hors des enregistrements", "too much data outside of records",
     "Vérifiez où sont les enregistrements : le `record` du format ne convient pas à ce fichier.",
     "Check where records are: the format's `record` does not fit this file."},
    {"xml.name", "« {name} » ne peut pas être un nom d'élément", "\"{name}\" cannot be the name of an element",
     "Changez le nom dans fields.csv : une lettre, puis lettres, chiffres, « - », « _ » ou « . ».",
     "Change the name in fields.csv: a letter, then letters, digits, \"-\", \"_\" or \".\"."},
    {"xml.unwritable", "{path} : un caractère que XML ne peut pas porter",
     "{path}: a character that XML cannot carry", "Retirez les caractères de commande du texte.",
     "Remove control characters from the text."},
    {"xml.attribute_value", "l'attribut « {name} » a plusieurs valeurs",
     "attribute \"{name}\" has several values",
     "Un attribut n'a qu'un texte : joignez les valeurs dans fields.csv.",
     "An attribute has but one text: join the values in fields.csv."},
    {"xml.no_root", "le nom de la racine n'est pas connu", "the name of the root is not known",
     "Donnez l'option root du format.", "Give the format's option root."},
    {"xml.one_root", "un fichier XML n'a qu'une racine, il y a un deuxième enregistrement",
     "an XML file has one root, there is a second record",
     "Donnez dans format.conf l'endroit des enregistrements (record).",
     "Give the place of records (record) in format.conf."},
    {.code = NULL},
};

GW_PLUGIN(.name = "xml", .version = "1.0", .flags = GW_NESTED,
          .summary_fr = "documents XML, un élément répété par enregistrement",
          .summary_en = "XML documents, a repeated element a record", .options = options,
          .config_size = sizeof(struct xml_config), .messages = messages, .probe = xml_probe,
          .reader = &xml_reader, .writer = &xml_writer);
