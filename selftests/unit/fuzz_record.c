/* SPDX-License-Identifier: MIT */
/*
 * Whatever bytes arrive: the decoder reads no further than it was given, the reader stays within
 * its bounds, and both say the same however the bytes are cut.
 *
 * With clang: clang -fsanitize=fuzzer,address -DFUZZER -Iharness selftests/unit/fuzz_record.c
 * Without: a program that damages good streams, from fixed seeds; its argument is how many.
 */
#include <stdio.h>

#include "../../harness/record.c"
#include "../../harness/record_reader.c"

struct seen {
	size_t count, bytes;
	uint64_t sum;
};

static void see(void *context, const struct record *record)
{
	struct seen *seen = context;
	const struct record_text *texts[] = {&record->file, &record->name, &record->text};

	seen->count++;
	seen->sum = seen->sum * 31 + record->type + record->line + record->a + record->writer;
	for (int i = 0; i < 3; i++)
		for (size_t j = 0; j < texts[i]->size; j++) /* every byte is there to be read */
			seen->sum = seen->sum * 31 + (uint8_t)texts[i]->data[j];
	seen->bytes += record->text.size;
}

static int feed(const uint8_t *data, size_t size, size_t chunk, struct seen *seen)
{
	struct record_reader reader = {0};
	int result = 0;

	for (size_t at = 0; at < size; at += chunk) {
		size_t part = size - at < chunk ? size - at : chunk;
		uint8_t *copy = malloc(part); /* of just its size, for sanitizers */

		if (!copy)
			abort();
		memcpy(copy, data + at, part);
		result = record_reader_feed(&reader, copy, part, see, seen);
		free(copy);
		if (reader.pending_count > RECORD_PENDING_MAX ||
		    reader.pending_bytes > RECORD_PENDING_BYTES || reader.filled >= RECORD_MAX)
			abort();
	}
	record_reader_finish(&reader, see, seen);
	record_reader_free(&reader);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole = {0}, bytewise = {0};

	if (!size)
		return 0;
	if (feed(data, size, size, &whole) != feed(data, size, 1 + data[0] % 61, &bytewise) ||
	    whole.count != bytewise.count || whole.sum != bytewise.sum)
		abort();
	return 0;
}

#ifndef FUZZER
static uint64_t state;

static uint64_t any(uint64_t below)
{
	state ^= state << 13; /* xorshift: the same numbers everywhere */
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static size_t make_stream(uint8_t *bytes, size_t room)
{
	static char text[12000];
	size_t size = 0;

	while (size + 4 * RECORD_MAX < room && any(8)) {
		struct record record = {
			.type = (enum record_type)(1 + any(7)),
			.flags = any(4) ? 0 : RECORD_MORE,
			.writer = (uint32_t)any(70),
			.line = (uint32_t)any(1000),
			.file = {text, any(300)},
			.name = {text, any(300)},
			.text = {text, any(3) ? any(100) : any(sizeof(text))},
		};
		size_t offset = 0;

		do
			size += record_encode(&record, &offset, bytes + size);
		while (offset < record.text.size && any(20));
	}
	return size;
}

int main(int argc, char **argv)
{
	static uint8_t bytes[1 << 16];
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 3000;

	for (unsigned long seed = 1; seed <= rounds; seed++) {
		size_t size;

		state = seed * 0x9E3779B97F4A7C15u;
		size = make_stream(bytes, sizeof(bytes));
		for (uint64_t damages = any(6); size && damages; damages--)
			bytes[any(size)] = any(2) ? (uint8_t)any(256) : (uint8_t)(1u << any(8));
		LLVMFuzzerTestOneInput(bytes, size);
	}
	return 0;
}
#endif
