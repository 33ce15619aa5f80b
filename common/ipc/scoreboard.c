/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The scoreboard.  See scoreboard.h.
 * What a hand says is written before its state, and its state is cleared
 * before anything in it is written again; so whoever finds a state also finds
 * what belongs to it, at whichever store the writer died.
 */
#include "common/ipc/scoreboard.h"

#include <sys/mman.h>

#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	RECEIVE_COUNT_MAX = 1000000, /* beyond it, the row is garbage */
	SNAPSHOT_TRIES = 16
};

static void *
map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

struct scoreboard_row *
scoreboard_row_new(void)
{
	return map(sizeof(struct scoreboard_row));
}

void
scoreboard_row_free(struct scoreboard_row *row)
{
	if (row != NULL)
		(void)munmap(row, sizeof(*row));
}

struct scoreboard_queue *
scoreboard_queue_new(void)
{
	return map(sizeof(struct scoreboard_queue));
}

void
scoreboard_queue_free(struct scoreboard_queue *queue)
{
	if (queue != NULL)
		(void)munmap(queue, sizeof(*queue));
}

void
scoreboard_seal(struct scoreboard_row *row, struct scoreboard_queue *queue)
{
	const size_t before = offsetof(struct scoreboard_row, recovering);

	/* A page would hold what the child writes as well. */
	if (sysconf(_SC_PAGESIZE) > SCOREBOARD_PAGE)
		return;
	(void)mprotect((char *)row + before, sizeof(*row) - before, PROT_READ);
	(void)mprotect(queue, offsetof(struct scoreboard_queue, turns),
	    PROT_READ);
}

static struct scoreboard_poison *
find_poison(struct scoreboard_queue *q, const char *id)
{
	size_t i;

	for (i = 0; i < nitems(q->poison); i++)
		if (strncmp(q->poison[i].id, id, SCOREBOARD_ID_MAX) == 0)
			return &q->poison[i];
	return NULL;
}

void
scoreboard_add_poison(struct scoreboard_queue *q, const char *id,
    uint32_t kills)
{
	struct scoreboard_poison *p = find_poison(q, id);

	if (p == NULL) {
		p = &q->poison[q->n_poison++ % nitems(q->poison)];
		atomic_store_explicit(&p->kills, 0, memory_order_relaxed);
		atomic_thread_fence(memory_order_release);
		(void)strlcpy(p->id, id, sizeof(p->id));
	}
	atomic_store_explicit(&p->kills, kills, memory_order_release);
}

/* An entry that is being written is not there yet, or not there any more. */
uint32_t
scoreboard_poison(const struct scoreboard_queue *q, const char *id)
{
	uint32_t kills;
	bool same;
	size_t i;

	for (i = 0; q != NULL && i < nitems(q->poison); i++) {
		kills = atomic_load_explicit(&q->poison[i].kills,
		    memory_order_acquire);
		same = strncmp(q->poison[i].id, id, SCOREBOARD_ID_MAX) == 0;
		atomic_thread_fence(memory_order_acquire);
		if (kills > 0 && same &&
		    atomic_load_explicit(&q->poison[i].kills,
			memory_order_relaxed) != 0)
			return kills;
	}
	return 0;
}

/* ---- the writer's side ---- */

static void
set_state(struct scoreboard_hand *h, enum scoreboard_hand_state state)
{
	atomic_store_explicit(&h->state, (uint32_t)state, memory_order_release);
}

void
scoreboard_row_recycle(struct scoreboard_row *row, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < nitems(row->hands); i++)
		set_state(&row->hands[i], SCOREBOARD_HAND_FREE);
	atomic_store_explicit(&row->moves, 0, memory_order_release);
	scoreboard_set_ask(row, SCOREBOARD_ASK_NOTHING);
	scoreboard_set_phase(row, SCOREBOARD_EMPTY, now_ms);
	scoreboard_progress(row, now_ms);
}

static void
count_busy(struct scoreboard_row *row, int64_t now_ms)
{
	int64_t since =
	    atomic_load_explicit(&row->phase_since_ms, memory_order_relaxed);

	if (atomic_load_explicit(&row->phase, memory_order_relaxed) ==
		SCOREBOARD_BUSY &&
	    since > 0 && since < now_ms)
		scoreboard_count(row, SCOREBOARD_BUSY_MS,
		    (uint64_t)(now_ms - since));
}

void
scoreboard_set_phase(struct scoreboard_row *row, enum scoreboard_phase phase,
    int64_t now_ms)
{
	count_busy(row, now_ms);
	atomic_store_explicit(&row->phase_since_ms, now_ms,
	    memory_order_relaxed);
	atomic_store_explicit(&row->phase, (uint32_t)phase,
	    memory_order_release);
}

void
scoreboard_set_ask(struct scoreboard_row *row, enum scoreboard_ask ask)
{
	atomic_store_explicit(&row->ask, (uint32_t)ask, memory_order_relaxed);
}

/* One writer, so this need not be an atomic addition. */
static void
add(_Atomic uint64_t *to, uint64_t n)
{
	uint64_t old = atomic_load_explicit(to, memory_order_relaxed);

	atomic_store_explicit(to, old + n, memory_order_relaxed);
}

void
scoreboard_count(struct scoreboard_row *row, enum scoreboard_counter c,
    uint64_t n)
{
	add(&row->counters[c], n);
}

void
scoreboard_measure(struct scoreboard_row *row, enum scoreboard_time t,
    int64_t ms)
{
	if (ms < 0)
		ms = 0; /* clocks differ */
	add(&row->times[t].counts[histogram_bucket(ms)], 1);
	add(&row->times[t].sum_ms, (uint64_t)ms);
}

void
scoreboard_event(struct scoreboard_queue *queue, enum scoreboard_event e)
{
	add(&queue->events[e], 1);
}

void
scoreboard_set_failure(struct scoreboard_row *row, const struct error *e,
    int64_t now_ms)
{
	char text[sizeof(e->code) + sizeof(e->text) + 2];
	const char *dot = strrchr(e->code, '.');
	const char *code = dot != NULL ? dot + 1 : e->code;

	(void)snprintf(text, sizeof(text), "%s%s%s", code,
	    code[0] != '\0' ? ": " : "", e->text);
	scoreboard_set_error(row, text, now_ms);
}

void
scoreboard_progress(struct scoreboard_row *row, int64_t now_ms)
{
	atomic_store_explicit(&row->progress_ms, now_ms, memory_order_release);
}

/*
 * A message that moves between its hand and a counter is for a moment in both
 * or in none; meanwhile moves is odd, and a reader waits.  So it does for what
 * is no message, c then SCOREBOARD_COUNTERS.
 */
static void
begin_move(struct scoreboard_row *row, enum scoreboard_counter c)
{
	uint32_t n = atomic_load_explicit(&row->moves, memory_order_relaxed);

	atomic_store_explicit(&row->moving, (uint32_t)c, memory_order_relaxed);
	atomic_store_explicit(&row->moves, n | 1, memory_order_release);
	atomic_thread_fence(memory_order_release);
}

static void
end_move(struct scoreboard_row *row)
{
	uint32_t n = atomic_load_explicit(&row->moves, memory_order_relaxed);

	atomic_store_explicit(&row->moves, (n | 1) + 1, memory_order_release);
}

bool
scoreboard_in_trouble(const struct scoreboard_row *row)
{
	return atomic_load_explicit(&row->trouble_since_ms,
		   memory_order_relaxed) != 0;
}

void
scoreboard_set_trouble(struct scoreboard_row *row, bool in_trouble,
    int64_t now_ms)
{
	if (scoreboard_in_trouble(row) != in_trouble)
		atomic_store_explicit(&row->trouble_since_ms,
		    in_trouble ? now_ms : 0, memory_order_relaxed);
}

void
scoreboard_hide(struct scoreboard_row *row, int64_t until_ms)
{
	if (until_ms > scoreboard_hidden_until(row))
		atomic_store_explicit(&row->hidden_until_ms, until_ms,
		    memory_order_relaxed);
}

int64_t
scoreboard_hidden_until(const struct scoreboard_row *row)
{
	return atomic_load_explicit(&row->hidden_until_ms,
	    memory_order_relaxed);
}

void
scoreboard_set_error(struct scoreboard_row *row, const char *text,
    int64_t now_ms)
{
	begin_move(row, SCOREBOARD_COUNTERS);
	(void)strlcpy(row->error, text, sizeof(row->error));
	atomic_store_explicit(&row->error_ms, now_ms, memory_order_relaxed);
	end_move(row);
}

static int
free_hand(const struct scoreboard_row *row)
{
	size_t i;

	for (i = 0; i < nitems(row->hands); i++)
		if (atomic_load_explicit(&row->hands[i].state,
			memory_order_relaxed) == SCOREBOARD_HAND_FREE)
			return (int)i;
	return -1;
}

int
scoreboard_take(struct scoreboard_row *row, const char *id,
    const char *receipt_handle, uint32_t receive_count, int64_t now_ms,
    int64_t visible_at_ms)
{
	struct scoreboard_hand *h;
	size_t handle_size;
	int hand = free_hand(row);

	if (hand == -1)
		return -1;
	begin_move(row, SCOREBOARD_RECEIVED);
	h = &row->hands[hand];
	/* Nothing below may show before the state that freed this hand. */
	atomic_thread_fence(memory_order_release);
	h->receive_count = receive_count;
	h->since_ms = now_ms;
	h->visible_at_ms = visible_at_ms;
	(void)strlcpy(h->id, id, sizeof(h->id));
	/* Part of a receipt handle is of no use. */
	handle_size = strlen(receipt_handle) + 1;
	if (handle_size <= sizeof(h->receipt_handle))
		memcpy(h->receipt_handle, receipt_handle, handle_size);
	else
		h->receipt_handle[0] = '\0';
	set_state(h, SCOREBOARD_HAND_HELD);
	scoreboard_count(row, SCOREBOARD_RECEIVED, 1);
	end_move(row);
	return hand;
}

void
scoreboard_hand_set(struct scoreboard_row *row, int hand,
    enum scoreboard_hand_state state, int64_t now_ms)
{
	struct scoreboard_hand *h = &row->hands[hand];

	if (state == SCOREBOARD_HAND_WORKING)
		h->since_ms = now_ms;
	set_state(h, state);
}

void
scoreboard_hand_visible_at(struct scoreboard_row *row, int hand,
    int64_t visible_at_ms)
{
	row->hands[hand].visible_at_ms = visible_at_ms;
}

void
scoreboard_drop(struct scoreboard_row *row, int hand,
    enum scoreboard_counter outcome)
{
	begin_move(row, outcome);
	set_state(&row->hands[hand], SCOREBOARD_HAND_FREE);
	scoreboard_count(row, outcome, 1);
	end_move(row);
}

/* Killed in between, a child has left fewer to their timeout than it did. */
void
scoreboard_pass(struct scoreboard_row *row, uint64_t n)
{
	while (n-- > 0) {
		begin_move(row, SCOREBOARD_RECEIVED);
		scoreboard_count(row, SCOREBOARD_EXPIRED, 1);
		scoreboard_count(row, SCOREBOARD_RECEIVED, 1);
		end_move(row);
	}
}

void
scoreboard_counters(const struct scoreboard_row *row,
    uint64_t ret[SCOREBOARD_COUNTERS])
{
	size_t i;

	for (i = 0; i < SCOREBOARD_COUNTERS; i++)
		ret[i] = atomic_load_explicit(&row->counters[i],
		    memory_order_relaxed);
}

/* ---- after a death ---- */

static int64_t
full_hands(const struct scoreboard_row *row)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < nitems(row->hands); i++)
		if (atomic_load_explicit(&row->hands[i].state,
			memory_order_relaxed) != SCOREBOARD_HAND_FREE)
			n++;
	return n;
}

/*
 * What this child alone has counted: what earlier ones left, releasers count.
 * Returns whether no counter went back.
 */
static bool
own_counters(const struct scoreboard_row *row,
    const struct scoreboard_kept *kept, uint64_t ret[SCOREBOARD_COUNTERS])
{
	bool forward = true;
	size_t i;

	scoreboard_counters(row, ret);
	for (i = 0; i < SCOREBOARD_COUNTERS; i++) {
		forward = forward && ret[i] >= kept->counters[i];
		ret[i] -= kept->counters[i];
	}
	return forward;
}

static bool
are_hands_valid(const struct scoreboard_row *row)
{
	size_t i;

	for (i = 0; i < nitems(row->hands); i++)
		if (atomic_load_explicit(&row->hands[i].state,
			memory_order_relaxed) >= SCOREBOARD_HAND_STATES)
			return false;
	return true;
}

bool
scoreboard_is_sane(const struct scoreboard_row *row,
    const struct scoreboard_kept *kept, size_t n)
{
	uint64_t own[SCOREBOARD_COUNTERS];

	return own_counters(row, kept, own) && are_hands_valid(row) &&
	    scoreboard_balance(own) == full_hands(row) + (int64_t)n;
}

void
scoreboard_restore(struct scoreboard_row *row,
    const struct scoreboard_kept *kept)
{
	size_t i, t;

	for (i = 0; i < nitems(row->hands); i++)
		set_state(&row->hands[i], SCOREBOARD_HAND_FREE);
	for (i = 0; i < nitems(kept->counters); i++)
		atomic_store_explicit(&row->counters[i], kept->counters[i],
		    memory_order_relaxed);
	for (t = 0; t < nitems(kept->times); t++) {
		for (i = 0; i < HISTOGRAM_BUCKETS; i++)
			atomic_store_explicit(&row->times[t].counts[i],
			    kept->times[t].counts[i], memory_order_relaxed);
		atomic_store_explicit(&row->times[t].sum_ms,
		    kept->times[t].sum_ms, memory_order_relaxed);
	}
	scoreboard_set_trouble(row, false, 0);
	atomic_store_explicit(&row->hidden_until_ms, 0, memory_order_relaxed);
	atomic_store_explicit(&row->error_ms, 0, memory_order_relaxed);
	memset(row->error, 0, sizeof(row->error));
	atomic_store_explicit(&row->moves, 0, memory_order_release);
}

uint64_t
scoreboard_in_hand(const struct scoreboard_row *row)
{
	return (uint64_t)full_hands(row) +
	    atomic_load_explicit(&row->recovering, memory_order_relaxed);
}

/*
 * In both moves the hand changes before the counter.  A row that is wrong in
 * any other way is garbage, and stays it.
 */
void
scoreboard_row_close(struct scoreboard_row *row,
    const struct scoreboard_kept *kept)
{
	uint32_t c = atomic_load_explicit(&row->moving, memory_order_relaxed);
	uint64_t own[SCOREBOARD_COUNTERS];
	int64_t missing;

	(void)own_counters(row, kept, own);
	missing = full_hands(row) - scoreboard_balance(own);
	if (atomic_load_explicit(&row->moves, memory_order_acquire) % 2 == 0)
		return;
	if (c < SCOREBOARD_COUNTERS &&
	    missing == (c == SCOREBOARD_RECEIVED ? 1 : -1))
		scoreboard_count(row, (enum scoreboard_counter)c, 1);
	end_move(row);
}

void
scoreboard_hand_over(struct scoreboard_row *row, size_t n)
{
	(void)atomic_fetch_add(&row->recovering, (uint32_t)n);
}

void
scoreboard_recovered(struct scoreboard_row *row,
    enum scoreboard_counter outcome)
{
	(void)atomic_fetch_add(&row->recovered[outcome], 1);
	(void)atomic_fetch_sub(&row->recovering, 1);
}

void
scoreboard_abandon(struct scoreboard_row *row)
{
	uint32_t n = atomic_exchange(&row->recovering, 0);

	(void)atomic_fetch_add(&row->recovered[SCOREBOARD_EXPIRED], n);
}

/* ---- the reader's side ---- */

static int64_t
clamp(int64_t n, int64_t min, int64_t max)
{
	return n < min ? min : n > max ? max : n;
}

static bool
is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* Text for people, of max bytes at most: what cannot be read is masked. */
static void
copy_text(char *to, const char *text, size_t max)
{
	memcpy(to, text, max);
	to[max] = '\0';
	for (; *to != '\0'; to++)
		if (!is_printable(*to))
			*to = '?';
}

unsigned
scoreboard_lease_holder(uint64_t lease)
{
	return (unsigned)(lease & ((1U << SCOREBOARD_HOLDER_BITS) - 1)) - 1;
}

bool
scoreboard_brake_is_on(const struct scoreboard_brake_page *p)
{
	uint32_t state = atomic_load(&p->state);

	return state == SCOREBOARD_BRAKE_FAILING ||
	    state == SCOREBOARD_BRAKE_CANNOT_START;
}

void
scoreboard_brake_snapshot(const struct scoreboard_queue *queue, int64_t now_ms,
    struct scoreboard_brake *ret)
{
	const struct scoreboard_brake_page *p = &queue->brake;
	uint32_t state = atomic_load(&p->state);
	int64_t since_ms = atomic_load(&p->since_ms);

	*ret = (struct scoreboard_brake){
		.is_on = scoreboard_brake_is_on(p),
		.cannot_start = state == SCOREBOARD_BRAKE_CANNOT_START,
		.has_succeeded = atomic_load(&p->succeeded) != 0,
		.since_ms =
		    since_ms > 0 && since_ms < now_ms ? since_ms : now_ms,
		.trials = atomic_load(&p->trials),
		.holder = scoreboard_lease_holder(atomic_load(&p->lease)),
	};
	copy_text(ret->why, p->why, SCOREBOARD_ERROR_MAX);
}

/* A receipt handle is right or useless. */
static void
copy_receipt_handle(char *to, const char *handle)
{
	size_t i;

	memcpy(to, handle, SCOREBOARD_HANDLE_MAX + 1);
	for (i = 0; i <= SCOREBOARD_HANDLE_MAX && to[i] != '\0'; i++)
		if (!is_printable(to[i]))
			break;
	if (i > SCOREBOARD_HANDLE_MAX || to[i] != '\0')
		to[0] = '\0';
}

/*
 * False: the hand is free, or changed while it was being read.  Everything is
 * copied before it is looked at, so a writer cannot change it in between.
 */
static bool
copy_hand(const struct scoreboard_hand *h, int64_t now_ms,
    struct scoreboard_held *to)
{
	uint32_t state = atomic_load_explicit(&h->state, memory_order_acquire);

	if (state == SCOREBOARD_HAND_FREE || state >= SCOREBOARD_HAND_STATES)
		return false;
	to->state = (enum scoreboard_hand_state)state;
	to->receive_count =
	    (uint32_t)clamp(h->receive_count, 1, RECEIVE_COUNT_MAX);
	to->since_ms = clamp(h->since_ms, 0, now_ms);
	copy_text(to->id, h->id, SCOREBOARD_ID_MAX);
	copy_receipt_handle(to->receipt_handle, h->receipt_handle);
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&h->state, memory_order_relaxed) == state;
}

static void
copy_times(const struct scoreboard_histogram *from, struct histogram *to)
{
	size_t i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->counts[i] = atomic_load_explicit(&from->counts[i],
		    memory_order_relaxed);
	to->sum_ms = atomic_load_explicit(&from->sum_ms, memory_order_relaxed);
}

void
scoreboard_keep(const struct scoreboard_row *row, struct scoreboard_kept *ret)
{
	size_t t;

	scoreboard_counters(row, ret->counters);
	for (t = 0; t < nitems(ret->times); t++)
		copy_times(&row->times[t], &ret->times[t]);
}

static void
copy_row(const struct scoreboard_row *row, int64_t now_ms,
    struct scoreboard_snapshot *ret)
{
	uint32_t phase;
	size_t i;

	scoreboard_counters(row, ret->counters);
	phase = atomic_load_explicit(&row->phase, memory_order_acquire);
	ret->phase = phase < SCOREBOARD_PHASES ? (enum scoreboard_phase)phase
					       : SCOREBOARD_EMPTY;
	ret->progress_ms =
	    clamp(atomic_load_explicit(&row->progress_ms, memory_order_acquire),
		0, now_ms);
	ret->phase_since_ms = clamp(atomic_load_explicit(&row->phase_since_ms,
					memory_order_relaxed),
	    0, now_ms);
	ret->trouble_since_ms =
	    clamp(atomic_load_explicit(&row->trouble_since_ms,
		      memory_order_relaxed),
		0, now_ms);
	ret->error_ms =
	    clamp(atomic_load_explicit(&row->error_ms, memory_order_relaxed), 0,
		now_ms);
	copy_text(ret->error, row->error, SCOREBOARD_ERROR_MAX);
	for (i = 0; i < nitems(ret->counters); i++) {
		ret->recovered[i] = atomic_load_explicit(&row->recovered[i],
		    memory_order_relaxed);
		ret->counters[i] += ret->recovered[i];
	}
	ret->n_recovering =
	    atomic_load_explicit(&row->recovering, memory_order_relaxed);
	for (i = 0; i < nitems(ret->times); i++)
		copy_times(&row->times[i], &ret->times[i]);
	ret->n_held = 0;
	for (i = 0; i < nitems(row->hands); i++)
		if (copy_hand(&row->hands[i], now_ms, &ret->held[ret->n_held]))
			ret->n_held++;
}

/* A writer that died or went mad in a move keeps nobody waiting for long. */
bool
scoreboard_snapshot(const struct scoreboard_row *row, int64_t now_ms,
    struct scoreboard_snapshot *ret)
{
	uint32_t moves;
	int try;

	for (try = 0; try < SNAPSHOT_TRIES; try++) {
		moves = atomic_load_explicit(&row->moves, memory_order_acquire);
		copy_row(row, now_ms, ret);
		atomic_thread_fence(memory_order_acquire);
		if (moves % 2 == 0 &&
		    atomic_load_explicit(&row->moves, memory_order_relaxed) ==
			moves)
			return true;
		(void)sched_yield();
	}
	return false;
}

int64_t
scoreboard_balance(const uint64_t counters[SCOREBOARD_COUNTERS])
{
	return (int64_t)(counters[SCOREBOARD_RECEIVED] -
	    counters[SCOREBOARD_DELETED] - counters[SCOREBOARD_RETRIED] -
	    counters[SCOREBOARD_RELEASED] - counters[SCOREBOARD_REJECTED] -
	    counters[SCOREBOARD_EXPIRED]);
}

void
scoreboard_add(struct scoreboard_sums *to,
    const struct scoreboard_snapshot *row)
{
	size_t i;

	for (i = 0; i < nitems(to->counters); i++)
		to->counters[i] += row->counters[i];
	for (i = 0; i < nitems(to->times); i++)
		histogram_add(&to->times[i], &row->times[i]);
}

const char *
scoreboard_phase_name(enum scoreboard_phase phase)
{
	switch (phase) {
	case SCOREBOARD_EMPTY:
		return "starting";
	case SCOREBOARD_READY:
		return "ready";
	case SCOREBOARD_POLLING:
		return "polling";
	case SCOREBOARD_BUSY:
		return "busy";
	case SCOREBOARD_WAITING:
		return "waiting";
	case SCOREBOARD_DRAINING:
		return "draining";
	case SCOREBOARD_PAUSED:
		return "paused";
	case SCOREBOARD_BRAKED:
		return "braked";
	case SCOREBOARD_IDLE:
		return "idle";
	case SCOREBOARD_PHASES:
		break;
	}
	return "unknown";
}

const char *
scoreboard_counter_name(enum scoreboard_counter c)
{
	switch (c) {
	case SCOREBOARD_RECEIVED:
		return "received";
	case SCOREBOARD_DELETED:
		return "deleted";
	case SCOREBOARD_RETRIED:
		return "retried";
	case SCOREBOARD_RELEASED:
		return "released";
	case SCOREBOARD_REJECTED:
		return "rejected";
	case SCOREBOARD_EXPIRED:
		return "expired";
	case SCOREBOARD_RECEIVES:
		return "receives";
	case SCOREBOARD_ERRORS:
		return "errors";
	case SCOREBOARD_JOB_TIMEOUTS:
		return "job_timeouts";
	case SCOREBOARD_OOM_KILLS:
		return "oom_kills";
	case SCOREBOARD_BUSY_MS:
		return "busy_ms";
	case SCOREBOARD_COUNTERS:
		break;
	}
	return "unknown";
}
