/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "suite/judging.h"
#include "suite/template.h"

#define RESULT_BYTES (64u << 20)

#define obstack_chunk_alloc malloc
#define obstack_chunk_free  free

static char *keep(struct judging *judging, const char *text, size_t size)
{
	return obstack_copy0(judging->memory, text, size);
}

void judging_verdict(struct judging *judging, enum verdict verdict, const char *reason)
{
	judging->outcome->told = verdict;
	judging->outcome->told_reason = keep(judging, reason, strlen(reason));
}

void judging_expected_timeout(struct judging *judging)
{
	judging->outcome->timeout_expected = true;
}

void judging_failure(struct judging *judging, const char *file, unsigned line, const char *name,
		     const char *text, size_t size)
{
	struct remark *remark;

	if (judging->outcome->failure_count++ >= REMARKS_COUNT) {
		judging->outcome->remarks_left_out++;
		return;
	}
	remark = obstack_alloc(judging->memory, sizeof(*remark));
	*remark = (struct remark){
		.file = file ? keep(judging, file, strlen(file)) : NULL,
		.line = line,
		.name = name ? keep(judging, name, strlen(name)) : NULL,
		.text = keep(judging, text, size),
		.size = size,
	};
	*judging->end = remark;
	judging->end = &remark->next;
}

/* Allocated, or NULL: there is none, or it is too large to be believed. */
static char *read_result(int fd, size_t *ret_size)
{
	struct stat status;
	char *text = NULL;
	ssize_t size = 0;

	if (fd >= 0 && !fstat(fd, &status) && status.st_size > 0 && status.st_size <= RESULT_BYTES)
		text = malloc(status.st_size);
	if (text)
		size = pread(fd, text, status.st_size, 0);
	*ret_size = size > 0 ? (size_t)size : 0;
	return text;
}

/* All that is kept of what it printed, in one piece; allocated where it is not already. */
static char *join(const struct captured *out, const char **ret_text, size_t *ret_size)
{
	char *text = out->tail_size ? malloc(out->head_size + out->tail_size) : NULL;

	*ret_text = text ? text : out->head ? out->head : "";
	*ret_size = out->head_size;
	if (text) {
		memcpy(text, out->head, out->head_size);
		memcpy(text + out->head_size, out->tail, out->tail_size);
		*ret_size += out->tail_size;
	}
	return text;
}

void judging_kind(const struct suite *suite, const struct suite_case *item, int result,
		  struct judging *judging)
{
	struct said said = {.item = suite_listed(suite, item),
			    .wait_status = judging->outcome->wait_status,
			    .timed_out = judging->outcome->timed_out};
	memory_free char *text = read_result(result, &said.result_size);
	char *joined = join(&judging->outcome->out, &said.out, &said.out_size);

	said.result = text ? text : "";
	if (suite->kind->judge)
		suite->kind->judge(&said, judging);
	if (suite->template)
		template_judge(suite->template, &said, judging);
	free(joined);
}

void judging_result(int result, struct judging *judging)
{
	memory_free char *text = read_result(result, &judging->outcome->result_size);

	judging->outcome->result = keep(judging, text ? text : "", judging->outcome->result_size);
}
