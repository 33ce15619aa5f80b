/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Sentences.  See log_text_table.h.
 */
#include "common/base/log_text_table.h"

#include "common/base/xalloc.h"

#include "common/base/banned.h"

#define NO_QUEUE "the queue does not exist"
#define RECEIVE(code, why)                                                     \
	{                                                                      \
		"receive_failed", "code", code,                                \
		    "cannot receive: " why "; next try in {pause_ms}",         \
		    LOG_TEXT_RECEIVE                                           \
	}
#define CALL(operation, what)                                                  \
	{                                                                      \
		"call_failed", "operation", operation,                         \
		    "cannot " what ": {error}; it is tried again",             \
		    LOG_TEXT_CALL                                              \
	}
#define CALL_RECOVERED(operation, what)                                        \
	{                                                                      \
		"call_recovered", "operation", operation,                      \
		    "can " what " again", LOG_TEXT_CALL                        \
	}
#define DELETE "delete messages"
#define CHANGE "change the visibility of messages"

/* clang-format off */
const struct log_text_row log_text_table[] = {
	/* sqsherd */
	{ "started", .sentence = "{version} started: "
	    "{queues queue|queues}, {children child|children}" },
	{ "ready", .sentence = "is ready: each queue has a child" },
	{ "stop_began", .sentence =
	    "stops[ on {signal}][: {msg}]; may take {grace}" },
	{ "stop_hurried", .sentence = "does not wait any longer: {signal}" },
	{ "stop_stage", "stage", "release", .sentence =
	    "stops the handlers that still run and gives back their messages" },
	{ "stop_stage", "stage", "kill", .sentence =
	    "kills what is left: {children child|children}" },
	{ "stopped", "exit_status", "0", .sentence =
	    "stopped after {duration}: {received message|messages}, "
	    "{deleted} done[, {retried} to be retried][, {released} given back]"
	    "[, {rejected} rejected][, {expired} expired]" },
	{ "stopped", .sentence =
	    "stopped after {duration} with exit status {exit_status}"
	    "[: {last_deaths}]" },
	{ "crash_loop", .sentence = "gives up: {msg}[ ({last_deaths})]" },
	{ "reload_began", .sentence = "loads its settings again" },
	{ "reload_done", .sentence =
	    "works with the new settings: {children child|children}" },
	{ "reload_failed", .sentence = "keeps its old settings: {error}" },
	{ "reload_ignored", .sentence = "does not load its settings: {msg}" },
	{ "reload_problem", .sentence = "cannot use its new settings: {msg}" },
	{ "drain_began", .sentence = "drains {children child|children}" },
	{ "paused", .sentence = "is paused" },
	{ "resumed", .sentence = "is resumed" },
	{ "scaled", .sentence =
	    "is to have {children child|children}, not {from}" },

	/* children */
	{ "child_started", .sentence = NULL },
	{ "child_exited", .sentence =
	    "died of {signal}[, {out_of_memory?out of memory}]; "
	    "starts again in {restart_in}" },
	{ "child_exited", .sentence =
	    "ended with exit status {exit_status}; "
	    "starts again in {restart_in}" },
	{ "child_exited", .sentence =
	    "died of {signal}[, {out_of_memory?out of memory}]" },
	{ "child_exited", "exit_status", "0", .sentence = NULL },
	{ "child_exited", .sentence = "ended with exit status {exit_status}" },
	{ "child_hung", .sentence =
	    "hangs: nothing from it for {silent}[, with message {id}]; "
	    "it is ended" },
	{ "child_replaced", "reason", "settings", .sentence = NULL },
	{ "child_replaced", .sentence =
	    "is replaced for its {reason}, after {uptime}" },
	{ "restart_asked", .sentence = "is restarted" },
	{ "fork_failed", .sentence = "cannot be started: {error}" },
	{ "status", .sentence =
	    "is {phase} for {phase_age}[, with {id}]: {deleted} done"
	    "[, {retried} to be retried][, {released} given back]" },
	{ "status", .sentence =
	    "is {state}[, starts again in {restart_in}][: {last_death}]" },

	/* SQS */
	RECEIVE("AWS.SimpleQueueService.NonExistentQueue", NO_QUEUE),
	RECEIVE("QueueDoesNotExist", NO_QUEUE),
	RECEIVE(NULL, "{error}"),
	RECEIVE(NULL, "{code}"),
	{ "receive_recovered", .sentence = "receives again",
	    .topic = LOG_TEXT_RECEIVE },
	CALL("DeleteMessageBatch", DELETE),
	CALL("ChangeMessageVisibilityBatch", CHANGE),
	CALL(NULL, "do {operation}"),
	CALL_RECOVERED("DeleteMessageBatch", DELETE),
	CALL_RECOVERED("ChangeMessageVisibilityBatch", CHANGE),
	{ "no_dead_letter_queue", .topic = LOG_TEXT_OTHER, .sentence =
	    ": rejected messages are retried: {error}" },

	/* messages and their handlers */
	{ "handler_output", .sentence = "{id} | {line}" },
	{ "handler_output", .sentence = "{id} |" },
	{ "credential_process_output", .sentence = "credential_process | {line}" },
	{ "message", "outcome", "deleted", .sentence =
	    "{id} done in {handler_ms}" },
	{ "message", "outcome", "retried", .sentence =
	    "{id} failed[: {reason}][: exit status {exit_status}]"
	    "[: {signal}]; again in {delay_s}" },
	{ "message", "outcome", "released", .sentence =
	    "{id} given back[: {reason}]; again in {delay_s}" },
	{ "message", "outcome", "rejected", .sentence =
	    "{id} rejected, to the dead-letter queue[: {reason}]" },
	{ "message", "outcome", "expired", .sentence =
	    "{id} is not ours any more: its visibility timeout ended" },
	{ "ownership_lost", .sentence =
	    "{id} is not ours any more: its visibility timeout ended" },
	{ "visibility_limit", .sentence =
	    "{id} was in hand for 12 hours: it is delivered again" },
	{ "message_corrupt", .sentence =
	    "{id} is corrupt: the MD5 of its {part} is wrong" },
	{ "reject_failed", .sentence = "{id} cannot be rejected: {error}" },
	{ "poison_rejected", .sentence =
	    "{id} is rejected: {deaths child|children} died of it" },
	{ "message_interrupted", .sentence =
	    "had {id} in hand for {age}: it is given back" },
	{ "message_recovered", "outcome", "deleted", .sentence =
	    "{id} was done, and is deleted" },
	{ "message_recovered", .sentence = "{id} is {outcome}[; again in {delay_s}]" },
	{ "job_timeout", .sentence =
	    "{id} takes more than {after_ms}: its handler is stopped" },
	{ "poison", .sentence =
	    "{id} is poison: {deaths child|children} died of it" },
	{ "brake_on", .sentence =
	    ": the handler is broken: {error}; one child tries" },
	{ "brake_released", .sentence =
	    ": the handler works: all children receive again" },
};
/* clang-format on */

const size_t log_text_table_size = nitems(log_text_table);
