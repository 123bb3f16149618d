/* SPDX-License-Identifier: MIT */
/* JSON that is written as it is said: what it looks like, and that jansson reads the same. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_writer.h"
#include "unit.h"

static struct json_writer writer;

static void set_up(void)
{
	writer = (struct json_writer){0};
}

static void tear_down(void)
{
	json_writer_free(&writer);
}

static void check_is(const char *expected)
{
	ck_assert(!writer.failed);
	ck_assert_uint_eq(writer.size, strlen(expected));
	ck_assert_msg(!memcmp(writer.bytes, expected, writer.size), "'%.*s' and not '%s'",
		      (int)writer.size, writer.bytes, expected);
	json_writer_empty(&writer);
}

START_TEST(commas_come_by_themselves)
{
	json_put_begin(&writer, NULL, '{');
	json_put_number(&writer, "one", 1);
	json_put_begin(&writer, "empty", '{');
	json_put_end(&writer, '}');
	json_put_begin(&writer, "list", '[');
	json_put_bool(&writer, NULL, true);
	json_put_bool(&writer, NULL, false);
	json_put_begin(&writer, NULL, '[');
	json_put_end(&writer, ']');
	json_put_begin(&writer, NULL, '{');
	json_put_null(&writer, "nothing");
	json_put_end(&writer, '}');
	json_put_end(&writer, ']');
	json_put_text(&writer, "text", "[");
	json_put_text(&writer, "none", NULL);
	json_put_end(&writer, '}');
	json_put_line_end(&writer);
	json_put_text(&writer, NULL, "another line");
	json_put_line_end(&writer);
	check_is("{\"one\":1,\"empty\":{},\"list\":[true,false,[],{\"nothing\":null}],"
		 "\"text\":\"[\",\"none\":null}\n\"another line\"\n");
}
END_TEST

static const struct {
	int64_t number;
	const char *text;
} numbers[] = {
	{0, "0"},
	{7, "7"},
	{-1, "-1"},
	{4026531840, "4026531840"},
	{INT64_MAX, "9223372036854775807"},
	{INT64_MIN, "-9223372036854775808"},
};

START_TEST(numbers_are_told)
{
	json_put_number(&writer, NULL, numbers[_i].number);
	check_is(numbers[_i].text);
}
END_TEST

static const struct {
	double seconds;
	const char *text;
} times[] = {
	{0, "0.0"},
	{1, "1.0"},
	{0.000001, "0.000001"},
	{0.0000005, "0.000001"},
	{0.0000004, "0.0"},
	{0.1, "0.1"},
	{0.00017, "0.00017"},
	{1.25, "1.25"},
	{10.100001, "10.100001"},
	{0.9999999, "1.0"},
	{86400, "86400.0"},
	{1e12, "1000000000000.0"},
	{-1.5, "-1.5"},
	{-0.0000001, "0.0"},
};

START_TEST(times_are_told_to_the_microsecond)
{
	json_put_seconds(&writer, NULL, times[_i].seconds);
	check_is(times[_i].text);
}
END_TEST

START_TEST(times_are_numbers_again)
{
	for (int64_t micros = 1; micros < 5000000000000; micros = micros * 3 + micros % 7) {
		double seconds = (double)micros / 1e6;
		json_t *read;

		json_writer_empty(&writer);
		json_put_seconds(&writer, NULL, seconds);
		read = json_loadb(writer.bytes, writer.size, JSON_DECODE_ANY, NULL);
		ck_assert(json_is_real(read));
		ck_assert_int_eq(llround(json_real_value(read) * 1e6), micros);
		json_decref(read);
	}
}
END_TEST

#define TEXT(bytes) bytes, sizeof(bytes) - 1

static const struct {
	const char *bytes;
	size_t size;
	const char *usual, *exact; /* exact: NULL where it is the same */
	bool replaced;
} texts[] = {
	{TEXT(""), "", NULL, false},
	{TEXT("plain /\x7f"), "plain /\x7f", NULL, false},
	{TEXT("\"a\\b\""), "\\\"a\\\\b\\\"", NULL, false},
	{TEXT("\b\f\n\r\t"), "\\b\\f\\n\\r\\t", NULL, false},
	{TEXT("\0\x01\x1b\x1f end"), "\\u0000\\u0001\\u001B\\u001F end", NULL, false},
	{TEXT("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x92\xa9"),
	 "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x92\xa9", NULL, false},
	{TEXT("caf\xe9\""), "caf\xef\xbf\xbd\\\"", "caf\xf4\x8f\xbf\xa9\\\"", true},
	{TEXT("cut \xe2\x82"), "cut \xef\xbf\xbd\xef\xbf\xbd",
	 "cut \xf4\x8f\xbf\xa2\xf4\x8f\xbe\x82", true},
	{TEXT("\xf4\x8f\xbe\x80"), "\xf4\x8f\xbe\x80",
	 "\xf4\x8f\xbf\xb4\xf4\x8f\xbe\x8f\xf4\x8f\xbe\xbe\xf4\x8f\xbe\x80", false},
	{TEXT("\xf4\x8f\xbd\xbf"), "\xf4\x8f\xbd\xbf", NULL, false},
};

START_TEST(texts_are_escaped)
{
	for (int exact = 0; exact < 2; exact++) {
		const char *text = exact && texts[_i].exact ? texts[_i].exact : texts[_i].usual;
		char expected[100];

		writer.exact = exact;
		ck_assert_int_eq(json_put_bytes(&writer, "key", texts[_i].bytes, texts[_i].size),
				 texts[_i].replaced);
		snprintf(expected, sizeof(expected), "\"key\":\"%s\"", text);
		check_is(expected);
	}
}
END_TEST

START_TEST(nothing_is_a_text)
{
	ck_assert(!json_put_bytes(&writer, NULL, NULL, 0));
	check_is("\"\"");
}
END_TEST

/* All of ASCII, and all characters of two bytes. */
START_TEST(jansson_reads_the_same)
{
	char bytes[0x80 + 2 * 0x780];
	size_t size = 0;
	json_t *read;

	for (unsigned one = 0; one < 0x80; one++)
		bytes[size++] = (char)one;
	for (unsigned two = 0x80; two < 0x800; two++) {
		bytes[size++] = (char)(0xc0 | two >> 6);
		bytes[size++] = (char)(0x80 | (two & 0x3f));
	}
	ck_assert(!json_put_bytes(&writer, NULL, bytes, size));
	read = json_loadb(writer.bytes, writer.size, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
	ck_assert_uint_eq(json_string_length(read), size);
	ck_assert(!memcmp(json_string_value(read), bytes, size));
	json_decref(read);
}
END_TEST

START_TEST(much_is_taken_and_given_back)
{
	size_t size = 3 << 20;
	char *much = malloc(size);

	memset(much, '\n', size);
	json_put_bytes(&writer, NULL, much, size);
	ck_assert(!writer.failed);
	ck_assert_uint_eq(writer.size, 2 * size + 2);
	ck_assert(writer.bytes[1] == '\\' && writer.bytes[2 * size] == 'n');
	json_writer_empty(&writer);
	ck_assert_uint_eq(writer.room, 0);
	json_put_number(&writer, NULL, 1);
	check_is("1");
	free(much);
}
END_TEST

START_TEST(without_memory_nothing_is_added)
{
	static const char one;

	json_put_number(&writer, NULL, 1);
	json_put_bytes(&writer, NULL, &one, 0);
	writer.failed = true;
	json_put_text(&writer, "key", "text");
	json_put_text(&writer, "key", "\xff");
	json_put_seconds(&writer, "key", 1);
	json_put_begin(&writer, NULL, '{');
	ck_assert(writer.failed);
	ck_assert_uint_eq(writer.size, strlen("1,\"\""));
	json_writer_empty(&writer);
	ck_assert(!writer.failed);
}
END_TEST

int main(void)
{
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, commas_come_by_themselves);
	tcase_add_loop_test(all, numbers_are_told, 0, sizeof(numbers) / sizeof(*numbers));
	tcase_add_loop_test(all, times_are_told_to_the_microsecond, 0,
			    sizeof(times) / sizeof(*times));
	tcase_add_test(all, times_are_numbers_again);
	tcase_add_loop_test(all, texts_are_escaped, 0, sizeof(texts) / sizeof(*texts));
	tcase_add_test(all, nothing_is_a_text);
	tcase_add_test(all, jansson_reads_the_same);
	tcase_add_test(all, much_is_taken_and_given_back);
	tcase_add_test(all, without_memory_nothing_is_added);
	return unit_run("json_writer", all);
}
