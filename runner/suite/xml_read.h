/* SPDX-License-Identifier: MIT */
/*
 * xml_read.h: XML that somebody else wrote, by libxml2, which is loaded on use
 *
 * Nothing is fetched, no entity of a document's own is put in, and depth and sizes have libxml2's
 * limits. Of a document that is cut off, what there is can be read.
 */
#ifndef CLOCHE_XML_READ_H
#define CLOCHE_XML_READ_H

#include <stddef.h>

struct _xmlNode; /* libxml2's own */

/* The root element; NULL: it is no XML, or there is no libxml2. To be freed by xml_read_end(). */
const struct _xmlNode *xml_read(const char *bytes, size_t size);
void xml_read_end(const struct _xmlNode *root); /* NULL is fine */

/* The first child element of this name, and the next one beside it; a NULL name: any. */
const struct _xmlNode *xml_child(const struct _xmlNode *node, const char *name);
const struct _xmlNode *xml_next(const struct _xmlNode *node, const char *name);
/* In document order the next element of this name at any depth below root, behind `from`; from
 * NULL: the first. */
const struct _xmlNode *xml_find(const struct _xmlNode *root, const struct _xmlNode *from,
				const char *name);

const char *xml_name(const struct _xmlNode *node);
/* Texts live as long as the document. NULL: it has no such attribute. */
const char *xml_get(const struct _xmlNode *node, const char *attribute);
/* The first piece of text in it, or CDATA that is not blank; or "". */
const char *xml_content(const struct _xmlNode *node);

#endif
