/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <libxml/xmlwriter.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "library.h"
#include "utf8.h"
#include "xml.h"

#define LENGTH_KEPT 65536 /* a text that is longer gives its memory back */

static struct {
	bool tried, found;
	__typeof__(xmlBufferCreate) *buffer_create;
	__typeof__(xmlBufferFree) *buffer_free;
	__typeof__(xmlBufferEmpty) *buffer_empty;
	__typeof__(xmlBufferContent) *buffer_content;
	__typeof__(xmlBufferLength) *buffer_length;
	__typeof__(xmlNewTextWriterMemory) *create;
	__typeof__(xmlFreeTextWriter) *free;
	__typeof__(xmlTextWriterFlush) *flush;
	__typeof__(xmlTextWriterSetIndent) *set_indent;
	__typeof__(xmlTextWriterStartElement) *start_element;
	__typeof__(xmlTextWriterEndElement) *end_element;
	__typeof__(xmlTextWriterWriteAttribute) *write_attribute;
	__typeof__(xmlTextWriterWriteString) *write_string;
	__typeof__(xmlTextWriterWriteRaw) *write_raw;
} lib;

static bool find_functions(void *library)
{
	const struct library_function functions[] = {
		{&lib.buffer_create, "xmlBufferCreate"},
		{&lib.buffer_free, "xmlBufferFree"},
		{&lib.buffer_empty, "xmlBufferEmpty"},
		{&lib.buffer_content, "xmlBufferContent"},
		{&lib.buffer_length, "xmlBufferLength"},
		{&lib.create, "xmlNewTextWriterMemory"},
		{&lib.free, "xmlFreeTextWriter"},
		{&lib.flush, "xmlTextWriterFlush"},
		{&lib.set_indent, "xmlTextWriterSetIndent"},
		{&lib.start_element, "xmlTextWriterStartElement"},
		{&lib.end_element, "xmlTextWriterEndElement"},
		{&lib.write_attribute, "xmlTextWriterWriteAttribute"},
		{&lib.write_string, "xmlTextWriterWriteString"},
		{&lib.write_raw, "xmlTextWriterWriteRaw"},
	};

	return library_find(library, functions, sizeof(functions) / sizeof(*functions));
}

/* These functions are the same in both of its ABIs. */
static void load(void)
{
	static const char *const names[] = {"libxml2.so.2", "libxml2.so.16"};

	lib.tried = true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !lib.found; i++) {
		void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);

		lib.found = library && find_functions(library);
	}
}

const char *xml_refusal(void)
{
	if (!library_can_load())
		return "this program is linked statically, and cannot load libxml2; run it by "
		       "'cloche run'";
	if (!lib.tried)
		load();
	return lib.found ? NULL
			 : "libxml2.so.2 cannot be loaded; install libxml2 (package libxml2)";
}

void xml_open(struct xml *xml)
{
	*xml = (struct xml){.buffer = lib.buffer_create()};
	xml->writer = xml->buffer ? lib.create(xml->buffer, 0) : NULL;
	xml->failed = !xml->writer || lib.set_indent(xml->writer, 1) < 0;
}

void xml_begin(struct xml *xml, const char *element)
{
	xml->failed = xml->failed || lib.start_element(xml->writer, BAD_CAST element) < 0;
}

void xml_end(struct xml *xml)
{
	xml->failed = xml->failed || lib.end_element(xml->writer) < 0;
}

/* A stream takes longer than all the rest, and mostly nothing is to be changed. */
void xml_attribute(struct xml *xml, const char *name, const char *text)
{
	memory_free char *safe = NULL;
	size_t size = 0;
	FILE *stream;

	if (!text || xml->failed)
		return;
	if (!utf8_fits_line(text)) {
		stream = open_memstream(&safe, &size);
		if (stream)
			utf8_in_line(stream, text);
		xml->failed = !stream || fclose(stream);
		text = safe;
	}
	xml->failed =
		xml->failed || lib.write_attribute(xml->writer, BAD_CAST name, BAD_CAST text) < 0;
}

void xml_attributef(struct xml *xml, const char *name, const char *format, ...)
{
	memory_free char *large = NULL;
	char small[256];
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(small, sizeof(small), format, arguments);
	va_end(arguments);
	if (size >= (int)sizeof(small)) {
		va_start(arguments, format);
		if (vasprintf(&large, format, arguments) < 0)
			large = NULL;
		va_end(arguments);
		xml->failed |= !large;
	}
	xml_attribute(xml, name, size < (int)sizeof(small) ? small : large);
}

void xml_text(struct xml *xml, const char *bytes, size_t size)
{
	memory_free char *safe = NULL;
	size_t safe_size = 0;
	FILE *stream;

	if (xml->failed)
		return;
	stream = open_memstream(&safe, &safe_size);
	if (stream)
		utf8_for_terminal(stream, bytes, size, false);
	xml->failed = !stream || fclose(stream) || lib.write_string(xml->writer, BAD_CAST safe) < 0;
}

void xml_raw(struct xml *xml, const char *text)
{
	xml->failed = xml->failed || lib.write_raw(xml->writer, BAD_CAST text) < 0;
}

int xml_finish(struct xml *xml, const char **ret_text, size_t *ret_size)
{
	if (xml->failed || lib.flush(xml->writer) < 0)
		return -ENOMEM;
	*ret_text = (const char *)lib.buffer_content(xml->buffer);
	*ret_size = lib.buffer_length(xml->buffer);
	return 0;
}

void xml_again(struct xml *xml)
{
	if (xml->failed || lib.buffer_length(xml->buffer) > LENGTH_KEPT) {
		xml_close(xml);
		xml_open(xml);
	} else {
		lib.buffer_empty(xml->buffer);
	}
}

void xml_close(struct xml *xml)
{
	if (xml->writer)
		lib.free(xml->writer);
	if (xml->buffer)
		lib.buffer_free(xml->buffer);
	*xml = (struct xml){0};
}
