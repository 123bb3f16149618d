/* SPDX-License-Identifier: MIT */
/*
 * xml.h: pieces of XML, by libxml2's writer, which is loaded on use
 *
 * 1. xml_refusal() says whether there is a libxml2.
 * 2. xml_open(), then elements, attributes and texts as they come.
 * 3. xml_finish() gives what was made of it; elements that are still open have begun, and no more.
 * 4. xml_again() for another one, when all elements have ended; or xml_close(), which frees all.
 *
 * Any bytes may be given: what XML cannot hold, and what is no UTF-8, stands as \xNN.
 */
#ifndef CLOCHE_XML_H
#define CLOCHE_XML_H

#include <stdbool.h>
#include <stddef.h>

struct xml {
	void *buffer, *writer;
	bool failed;
};

/* NULL, or why there is no XML here, and the cure. */
const char *xml_refusal(void);

void xml_open(struct xml *xml);
void xml_begin(struct xml *xml, const char *element);
void xml_end(struct xml *xml);
/* In one line; a NULL text makes none. */
void xml_attribute(struct xml *xml, const char *name, const char *text);
void xml_attributef(struct xml *xml, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void xml_text(struct xml *xml, const char *bytes, size_t size);
/* As it is: what libxml2 made before, or a line end. */
void xml_raw(struct xml *xml, const char *text);

/* 0, with the text, which lives until xml_again() or xml_close(); or -ENOMEM. */
int xml_finish(struct xml *xml, const char **ret_text, size_t *ret_size);
void xml_again(struct xml *xml);
void xml_close(struct xml *xml);

#endif
