/* SPDX-License-Identifier: MIT */
/* verdict.h: the judgement, pure; see event.h for what it is made from. */
#ifndef CLOCHE_VERDICT_H
#define CLOCHE_VERDICT_H

#include "event.h"

#endif
