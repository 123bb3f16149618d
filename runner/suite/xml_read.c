/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <libxml/parser.h>
#include <limits.h>
#include <string.h>

#include "library.h"
#include "suite/xml_read.h"

static struct {
	bool tried, found;
	__typeof__(xmlReadMemory) *read;
	__typeof__(xmlDocGetRootElement) *root;
	__typeof__(xmlFreeDoc) *free;
} lib;

static void load(void)
{
	static const char *const names[] = {"libxml2.so.2", "libxml2.so.16"};
	const struct library_function functions[] = {
		{&lib.read, "xmlReadMemory"},
		{&lib.root, "xmlDocGetRootElement"},
		{&lib.free, "xmlFreeDoc"},
	};

	lib.tried = true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !lib.found; i++) {
		void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);

		lib.found = library && library_find(library, functions,
						    sizeof(functions) / sizeof(*functions));
	}
}

const xmlNode *xml_read(const char *bytes, size_t size)
{
	xmlDoc *document;
	xmlNode *root;

	if (!lib.tried && library_can_load())
		load();
	if (!lib.found || !size || size > INT_MAX)
		return NULL;
	document = lib.read(bytes, (int)size, NULL, NULL,
			    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
				    XML_PARSE_RECOVER);
	root = document ? lib.root(document) : NULL;
	if (document && !root)
		lib.free(document);
	return root;
}

void xml_read_end(const xmlNode *root)
{
	if (root)
		lib.free(root->doc);
}

static const xmlNode *element(const xmlNode *node, const char *name)
{
	for (; node; node = node->next)
		if (node->type == XML_ELEMENT_NODE &&
		    (!name || !strcmp((const char *)node->name, name)))
			return node;
	return NULL;
}

const xmlNode *xml_child(const xmlNode *node, const char *name)
{
	return element(node->children, name);
}

const xmlNode *xml_next(const xmlNode *node, const char *name)
{
	return element(node->next, name);
}

static const xmlNode *step(const xmlNode *root, const xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node != root && !node->next)
		node = node->parent;
	return node == root ? NULL : node->next;
}

const xmlNode *xml_find(const xmlNode *root, const xmlNode *from, const char *name)
{
	const xmlNode *node = from ? step(root, from) : root;

	while (node && !(node->type == XML_ELEMENT_NODE && !strcmp(xml_name(node), name)))
		node = step(root, node);
	return node;
}

const char *xml_name(const xmlNode *node)
{
	return (const char *)node->name;
}

const char *xml_get(const xmlNode *node, const char *attribute)
{
	for (const xmlAttr *at = node->properties; at; at = at->next)
		if (!strcmp((const char *)at->name, attribute))
			return at->children && at->children->content
				       ? (const char *)at->children->content
				       : "";
	return NULL;
}

const char *xml_content(const xmlNode *node)
{
	for (const xmlNode *at = node->children; at; at = at->next)
		if ((at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) &&
		    at->content && at->content[strspn((const char *)at->content, " \t\r\n")])
			return (const char *)at->content;
	return "";
}
