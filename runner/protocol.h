/* SPDX-License-Identifier: MIT */
/*
 * protocol.h: what keeper, zygote and init say to each other
 *
 * Theory of operation. Who exists:
 *
 *   keeper   the user's command. Schedules, reads, judges, reports. Parent of everybody.
 *   zygote   one a suite, started by the keeper with exec. Single-threaded, small, and in
 * namespaces of its own (fixtures/stage.h). Makes cells, and does nothing else. init     pid 1 of a
 * cell. The zygote clones it, with CLONE_PARENT: it is the keeper's child, the keeper waits for it,
 * and it dies when the keeper does (PR_SET_PDEATHSIG). test     child of init: the case.
 *
 * What flows:
 *
 *   requests   SOCK_SEQPACKET pair keeper <-> zygote. Down: one `struct cell_request` with its
 * texts and descriptors (SCM_RIGHTS). Up: HELLO with the list of cases, then one CELL reply each
 * request. reports    SOCK_SEQPACKET pair, every init -> keeper: how the set-up, the test and the
 * look afterwards went. The test never has it once its body runs: what comes here is trusted.
 *   records    pipe test -> keeper, one a cell (harness/record.h). Not trusted.
 *   output     pipe(s) test -> keeper, one a cell; for foreign suites stderr has its own.
 *
 * Who reaps whom: the keeper reaps zygotes and inits; init reaps everything in its cell.
 * Who kills whom: the keeper asks init with SIGTERM, which passes it on to everybody in the cell,
 * and ends init with SIGKILL, with which the kernel ends the cell. Of a case without a pid
 * namespace, or with directories on the machine, init is told by SIGUSR2 first to end it and to
 * clean up.
 */
#ifndef CLOCHE_PROTOCOL_H
#define CLOCHE_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "event.h"
#include "fixture.h"

/* Where a zygote and a test find their descriptors. */
#define ZYGOTE_REQUESTS 3
#define ZYGOTE_REPORTS  4
#define RECORD_FD       250 /* out of the way: the test's first open() gets 3 */
#define RESULT_FD       249 /* foreign: RESULT_PATH of suite/kind.h */

#define ZYGOTE_ARGUMENT "--cloche-zygote"
/* A suite carries the zygote that it was built with: both ends must have the same structs. */
#define PROTOCOL_VERSION                                                                           \
	(2u + ((unsigned)sizeof(struct request) << 4) + ((unsigned)sizeof(struct reply) << 12) +   \
	 ((unsigned)sizeof(struct report) << 20))

#define REQUEST_MAX 131072
#define REPORT_MAX  32768

/* Bounds on what foreign commands and environments may hold; execve(2) has the same ones. */
enum zygote_flags {
	ZYGOTE_ISOLATED = 1 << 0,
	ZYGOTE_FULL_IDS = 1 << 1,
	ZYGOTE_COW = 1 << 2,
	ZYGOTE_HOST = 1 << 3,
	ZYGOTE_AS_ROOT = 1 << 4,
};

enum full_map {
	FULL_MAP_NONE, /* the cell maps one id by itself */
	FULL_MAP_ALIKE,
	FULL_MAP_ME, /* the caller is who they are outside (id_map.h) */
};

enum message_kind {
	MESSAGE_HELLO = 1, /* zygote: here is my list, in a memfd */
	MESSAGE_STAGE,     /* keeper: enter your namespaces; texts: cwd, root directories */
	MESSAGE_STAGED,    /* zygote: done, or failed */
	MESSAGE_CELL,      /* keeper: make a cell; zygote: made, or not */
};

/* Keeper to zygote. Texts follow, in the order of their sizes. */
struct request {
	uint32_t kind;
	uint32_t cell;       /* the keeper's number for it */
	uint32_t case_index; /* native suites */
	uint32_t flags;      /* MESSAGE_STAGE: enum zygote_flags */
	uint64_t namespaces; /* CLONE_NEW* that the cell shall have */
	uint64_t clone_now;  /* of these, those that clone makes */
	uint32_t uid, gid;
	/* world_format() text, its lines ended by NULs; MESSAGE_STAGE: cwd, coverage, shown */
	uint32_t world_size;
	uint32_t argv_size; /* NUL-terminated strings; native: 0; MESSAGE_STAGE: root directories */
	uint32_t descriptor_count; /* of input, output, errors, and records or result */
	uint32_t full_map;         /* the zygote writes 65536 ids: enum full_map */
	uint32_t read_namespaces;  /* a report wants their inode numbers */
	uint32_t harvest;          /* harvest.h: what outlives the cell */
	uint32_t has_clock;        /* a supervisor is to be made with it, fixtures/cell_clock.h */
	uint32_t has_door;         /* one descriptor more, kept.h */
};

/* Zygote to keeper. */
struct reply {
	uint32_t kind;
	uint32_t cell;
	int32_t pid; /* of the cell's init, 0 when it failed; MESSAGE_HELLO: its own */
	uint32_t version;
	uint32_t case_count;
	uint32_t sanitized, coverage, owners_lost;
	uint64_t list_size; /* MESSAGE_HELLO */
	struct failed_step failed;
};

enum report_kind {
	REPORT_FAILED = 1, /* set-up failed, or exec did */
	REPORT_DYING,      /* at the deadline: what runs now, before it is ended */
	REPORT_ENDED,      /* the test ended, and this is what is left */
	REPORT_KEPT,       /* the cell stays, and this was its last report */
	REPORT_FILE,       /* one that outlives the cell (harvest.h), mostly with a descriptor */
	REPORT_TERMINAL,   /* with a descriptor: the keeper's end of the cell's terminal */
	REPORT_PLACES,     /* "place": directories that it has made on the machine itself */
};

/* Init to keeper; findings follow ("kind\0text\0"...). */
struct report {
	uint32_t kind;
	uint32_t cell;
	int32_t wait_status;
	uint32_t processes; /* left behind */
	uint32_t alone;     /* REPORT_ENDED: nobody is left but init, which exits now */
	uint32_t finding_count, findings_size;
	uint64_t namespaces[NAMESPACES];
	uint32_t file_kind, file_mode; /* REPORT_FILE */
	char limit[16];                /* "tmpfs-size", when init can tell */
	char missing[64];              /* "ids,proc": what the cell does without */
	struct rusage usage;
	struct failed_step failed;
};

/* Namespace flags in the order of namespace_names. */
extern const uint64_t namespace_flags[NAMESPACES];

/* The zygote's main loop; never returns. `program` is the suite's own path. */
_Noreturn void zygote_main(const char *program);

/* In the new process of a cell: be its init. Never returns. */
struct zygote;
_Noreturn void init_main(const struct stage *stage, const struct request *request, char *world,
			 char *argv, const int *descriptors, int maps_ready, uint64_t cloned);

#endif
