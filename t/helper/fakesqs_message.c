/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Messages in JSON: the parameters of SendMessage, and the answers of
 * ReceiveMessage, digests and attribute filters included.
 */

#include "fakesqs_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fakesqs_attributes.h"

#define SENDER_ID "AIDAFAKESQSSENDER0001"
#define BAD_VALUE "InvalidParameterValueException"
#define MISSING   "MissingRequiredParameterException"
#define BAD_TYPE  "SerializationException"

bool
message_id_valid(struct span id)
{
	size_t i;

	if (id.len == 0 || id.len > 128)
		return false;
	for (i = 0; i < id.len; i++) {
		if (id.p[i] <= 0x20 || id.p[i] >= 0x7f)
			return false;
	}
	return true;
}

/*
 * The parser lets only UTF-8 through, and lone surrogates, which start with
 * ED A0 ... ED BF; U+FFFE and U+FFFF are EF BF BE and EF BF BF.
 */
static bool
body_valid(struct span body)
{
	size_t i;

	for (i = 0; i < body.len; i++) {
		const unsigned char *p = (const unsigned char *)body.p + i;

		if (*p >= 0x20 && *p < 0xed)
			continue;
		if (*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r')
			return false;
		if (*p == 0xed && p[1] >= 0xa0)
			return false;
		if (*p == 0xef && p[1] == 0xbf && p[2] >= 0xbe)
			return false;
	}
	return true;
}

static const char *
string_member(const struct json *in, const char *name, struct span *ret_s)
{
	const struct json *j = json_get(in, name);

	*ret_s = (struct span){ NULL, 0 };
	if (j == NULL)
		return NULL;
	if (j->type != JSON_STRING)
		return problem(BAD_TYPE, "%s is no string.", name);
	*ret_s = j->str;
	return NULL;
}

/* ---- attributes ---- */

static bool
attribute_name_valid(struct span name)
{
	size_t i;

	if (name.len == 0 || name.len > 256 || name.p[0] == '.' ||
	    name.p[name.len - 1] == '.' ||
	    strncasecmp(name.p, "AWS.", 4) == 0 ||
	    strncasecmp(name.p, "Amazon.", 7) == 0)
		return false;
	for (i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (c == '.' && name.p[i + 1] == '.')
			return false;
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '_' ||
			c == '.'))
			return false;
	}
	return true;
}

static bool
type_is(struct span type, const char *logical)
{
	size_t n = strlen(logical);

	return type.len <= 256 && span_starts(type, logical) &&
	    (type.len == n || type.p[n] == '.');
}

static const char *
attribute_problem(struct span name, const char *reason)
{
	return problem(BAD_VALUE, "The message attribute '%.*s' %s",
	    (int)(name.len > 100 ? 100 : name.len), name.p, reason);
}

static const char *
binary_value(struct arena *a, struct attribute *at, struct span text)
{
	struct buf decoded = { 0 };
	char *copy;

	if (base64_decode(text.p, text.len, &decoded) == -1) {
		buf_release(&decoded);
		return problem(BAD_TYPE, "BinaryValue is not base64.");
	}
	copy = arena_alloc(a, decoded.len + 1);
	if (decoded.len > 0)
		memcpy(copy, decoded.data, decoded.len);
	at->value = (struct span){ copy, decoded.len };
	at->binary = true;
	buf_release(&decoded);
	return NULL;
}

static bool
number_valid(struct span s)
{
	char *end;

	/* strtod would also take hexadecimal, "inf" and "nan" */
	if (strspn(s.p, "+-.0123456789eE") != s.len)
		return false;
	(void)strtod(s.p, &end);
	return *end == '\0' && s.len > 0;
}

static const char *
attribute_parse(struct arena *a, const struct json *j, struct attribute *at)
{
	struct span text, bytes;
	const char *code;

	*at = (struct attribute){ .name = j->key };
	if (j->type != JSON_OBJECT)
		return problem(BAD_TYPE, "An attribute is no structure.");
	if (json_get(j, "StringListValues") != NULL ||
	    json_get(j, "BinaryListValues") != NULL)
		return problem("UnsupportedOperation",
		    "Message attribute list values in SendMessage operation "
		    "are not supported.");
	if ((code = string_member(j, "DataType", &at->type)) != NULL ||
	    (code = string_member(j, "StringValue", &text)) != NULL ||
	    (code = string_member(j, "BinaryValue", &bytes)) != NULL)
		return code;
	if (!attribute_name_valid(at->name))
		return attribute_problem(at->name, "has an invalid name.");
	if (at->type.len == 0)
		return attribute_problem(at->name,
		    "must contain a non-empty message attribute type.");
	if (type_is(at->type, "Binary")) {
		if (bytes.len == 0)
			return attribute_problem(at->name,
			    "must contain a non-empty binary value.");
		return binary_value(a, at, bytes);
	}
	if (!type_is(at->type, "String") && !type_is(at->type, "Number"))
		return attribute_problem(at->name,
		    "has an invalid message attribute type, the set of "
		    "supported type prefixes is Binary, Number, and String.");
	if (text.len == 0)
		return attribute_problem(at->name,
		    "must contain a non-empty string value.");
	if (type_is(at->type, "Number") && !number_valid(text))
		return attribute_problem(at->name,
		    "must contain a number as its value.");
	if (!body_valid(text))
		return problem("InvalidMessageContents",
		    "Invalid characters in an attribute.");
	at->value = text;
	return NULL;
}

static int
by_name(const void *va, const void *vb)
{
	const struct attribute *a = va, *b = vb;
	size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
	int order = memcmp(a->name.p, b->name.p, n);

	if (order != 0)
		return order;
	return (a->name.len > b->name.len) - (a->name.len < b->name.len);
}

static const char *
attributes_parse(struct arena *a, const struct json *map,
    struct message_input *input)
{
	const struct json *j;
	const char *code;

	if (map == NULL)
		return NULL;
	if (map->type != JSON_OBJECT)
		return problem(BAD_TYPE, "MessageAttributes is no map.");
	if (map->count > MESSAGE_ATTRIBUTES_MAX)
		return problem(BAD_VALUE,
		    "Number of message attributes [%zu] exceeds the allowed "
		    "maximum [10].",
		    map->count);
	for (j = map->child; j != NULL; j = j->next) {
		struct attribute *at =
		    &input->attributes[input->send.nattributes++];

		if ((code = attribute_parse(a, j, at)) != NULL)
			return code;
	}
	qsort(input->attributes, input->send.nattributes,
	    sizeof(struct attribute), by_name);
	return NULL;
}

static void
digest_part(struct buf *b, struct span s)
{
	unsigned char len[4] = { (unsigned char)(s.len >> 24),
		(unsigned char)(s.len >> 16), (unsigned char)(s.len >> 8),
		(unsigned char)s.len };

	buf_add(b, len, sizeof(len));
	buf_add(b, s.p, s.len);
}

static void
digest_attribute(struct buf *b, const struct attribute *at)
{
	digest_part(b, at->name);
	digest_part(b, at->type);
	buf_addbyte(b, at->binary ? 2 : 1);
	digest_part(b, at->value);
}

static void
write_digest(struct buf *out, const char *key, const struct buf *digested,
    bool wrong)
{
	char hex[MD5_HEX_SIZE];

	md5_hex(digested->data, digested->len, hex);
	if (wrong)
		hex[0] = hex[0] == '0' ? '1' : '0';
	buf_addf(out, ",\"%s\":\"%s\"", key, hex);
}

/* ---- sending ---- */

static const char *
trace_parse(const struct json *map, struct span *ret_trace)
{
	const struct json *j;
	struct span type;

	if (map == NULL)
		return NULL;
	if (map->type != JSON_OBJECT)
		return problem(BAD_TYPE, "MessageSystemAttributes is no map.");
	for (j = map->child; j != NULL; j = j->next) {
		if (!span_is(j->key, "AWSTraceHeader"))
			return problem(BAD_VALUE,
			    "Message system attribute name '%.*s' is invalid.",
			    (int)(j->key.len > 100 ? 100 : j->key.len),
			    j->key.p);
		if (string_member(j, "DataType", &type) != NULL ||
		    string_member(j, "StringValue", ret_trace) != NULL ||
		    !span_is(type, "String") || ret_trace->len == 0)
			return problem(BAD_VALUE,
			    "The message system attribute 'AWSTraceHeader' "
			    "must be a non-empty String.");
	}
	return NULL;
}

static size_t
message_size(const struct message_input *input)
{
	const struct send *s = &input->send;
	size_t i, size = s->body.len;

	for (i = 0; i < s->nattributes; i++)
		size += input->attributes[i].name.len +
		    input->attributes[i].type.len +
		    input->attributes[i].value.len;
	return size;
}

static const char *
ids_parse(const struct json *in, struct send *s)
{
	const char *code;

	if ((code = string_member(in, "MessageGroupId", &s->group_id)) !=
		NULL ||
	    (code = string_member(in, "MessageDeduplicationId",
		 &s->dedup_id)) != NULL)
		return code;
	if (s->group_id.p != NULL && !message_id_valid(s->group_id))
		return problem(BAD_VALUE,
		    "Value for parameter MessageGroupId is invalid. Reason: "
		    "MessageGroupId can only include alphanumeric and "
		    "punctuation characters. 1 to 128 in length.");
	if (s->dedup_id.p != NULL && !message_id_valid(s->dedup_id))
		return problem(BAD_VALUE,
		    "Value for parameter MessageDeduplicationId is invalid. "
		    "Reason: MessageDeduplicationId can only include "
		    "alphanumeric and punctuation characters. 1 to 128 in "
		    "length.");
	return NULL;
}

static const char *
fifo_check(const struct queue *q, const struct json *in,
    struct message_input *input)
{
	const char *by_content = q->texts[QUEUE_CONTENT_DEDUP];
	struct send *s = &input->send;
	const struct json *delay = json_get(in, "DelaySeconds");

	if (s->group_id.p == NULL)
		return problem(MISSING,
		    "The request must contain the parameter MessageGroupId.");
	if (delay != NULL && delay->num != 0)
		return problem(BAD_VALUE,
		    "Value %lld for parameter DelaySeconds is invalid. "
		    "Reason: The request include parameter that is not valid "
		    "for this queue type.",
		    (long long)delay->num);
	if (s->dedup_id.p != NULL)
		return NULL;
	if (by_content == NULL || strcmp(by_content, "true") != 0)
		return problem(BAD_VALUE,
		    "The queue should either have ContentBasedDeduplication "
		    "enabled or MessageDeduplicationId provided explicitly");
	sha256_hex(s->body.p, s->body.len, input->content_dedup);
	s->dedup_id =
	    (struct span){ input->content_dedup, SHA256_HEX_SIZE - 1 };
	return NULL;
}

static const char *
delay_parse(const struct json *in, int64_t *ret_s)
{
	const struct json *j = json_get(in, "DelaySeconds");

	if (j == NULL)
		return NULL;
	if (j->type != JSON_INT)
		return problem(BAD_TYPE, "DelaySeconds is no integer.");
	if (j->num < 0 || j->num > 900)
		return problem(BAD_VALUE,
		    "Value %lld for parameter DelaySeconds is invalid. "
		    "Reason: DelaySeconds must be >= 0 and <= 900.",
		    (long long)j->num);
	*ret_s = j->num;
	return NULL;
}

const char *
message_parse(struct arena *a, const struct queue *q, const struct json *in,
    struct message_input *ret_input)
{
	struct send *s = &ret_input->send;
	const char *code;

	*ret_input = (struct message_input){ 0 };
	s->attributes = ret_input->attributes;
	s->delay_s = q->numbers[QUEUE_DELAY_S];
	if ((code = string_member(in, "MessageBody", &s->body)) != NULL)
		return code;
	if (s->body.len == 0)
		return problem(MISSING,
		    "The request must contain the parameter MessageBody.");
	if (!body_valid(s->body))
		return problem("InvalidMessageContents",
		    "Invalid characters found. Valid unicode characters are "
		    "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | "
		    "#x10000 to #x10FFFF");
	if ((code = attributes_parse(a, json_get(in, "MessageAttributes"),
		 ret_input)) != NULL ||
	    (code = trace_parse(json_get(in, "MessageSystemAttributes"),
		 &s->trace_header)) != NULL ||
	    (code = delay_parse(in, &s->delay_s)) != NULL ||
	    (code = ids_parse(in, s)) != NULL)
		return code;
	if (message_size(ret_input) > (size_t)q->numbers[QUEUE_MAX_SIZE])
		return problem(BAD_VALUE,
		    "One or more parameters are invalid. Reason: Message must "
		    "be shorter than %lld bytes.",
		    (long long)q->numbers[QUEUE_MAX_SIZE]);
	if (q->fifo)
		return fifo_check(q, in, ret_input);
	if (s->dedup_id.p != NULL)
		return problem(BAD_VALUE,
		    "Value %s for parameter MessageDeduplicationId is invalid. "
		    "Reason: The request includes a parameter that is not "
		    "valid for this queue type.",
		    s->dedup_id.p);
	return NULL;
}

size_t
message_batch_size(struct arena *a, const struct json *entries)
{
	const struct json *e;
	size_t total = 0;

	if (entries == NULL || entries->type != JSON_ARRAY)
		return 0;
	for (e = entries->child; e != NULL; e = e->next) {
		struct message_input input = { 0 };

		(void)string_member(e, "MessageBody", &input.send.body);
		(void)attributes_parse(a, json_get(e, "MessageAttributes"),
		    &input);
		total += message_size(&input);
	}
	return total;
}

static void
write_trace_digest(struct buf *out, struct span trace)
{
	struct buf digested = { 0 };
	struct attribute at = { .value = trace };

	at.name = (struct span){ "AWSTraceHeader", 14 };
	at.type = (struct span){ "String", 6 };
	digest_attribute(&digested, &at);
	write_digest(out, "MD5OfMessageSystemAttributes", &digested, false);
	buf_release(&digested);
}

static void
write_sequence(struct buf *out, const char *key, uint64_t sequence)
{
	buf_addf(out, ",\"%s\":\"188%017llu\"", key,
	    (unsigned long long)sequence);
}

void
message_write_sent(struct buf *out, const struct queue *q,
    const struct message_input *input, const struct sent *sent,
    const struct fault *f)
{
	const struct send *s = &input->send;
	struct buf digested = { 0 };
	size_t i;

	buf_addf(out, "\"MessageId\":\"%s\"", sent->id);
	buf_add(&digested, s->body.p, s->body.len);
	write_digest(out, "MD5OfMessageBody", &digested,
	    f->kind == FAULT_BAD_MD5);
	buf_reset(&digested);
	for (i = 0; i < s->nattributes; i++)
		digest_attribute(&digested, &input->attributes[i]);
	if (digested.len > 0)
		write_digest(out, "MD5OfMessageAttributes", &digested,
		    f->kind == FAULT_BAD_ATTR_MD5);
	if (s->trace_header.p != NULL)
		write_trace_digest(out, s->trace_header);
	if (q->fifo)
		write_sequence(out, "SequenceNumber", sent->sequence);
	buf_release(&digested);
}

/* ---- receiving ---- */

static const char *const system_names[] = { "All", "SenderId", "SentTimestamp",
	"ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
	"SequenceNumber", "MessageDeduplicationId", "MessageGroupId",
	"AWSTraceHeader", "DeadLetterQueueSourceArn" };

static bool
list_has(const struct json *list, const char *name)
{
	const struct json *n;

	if (list == NULL)
		return false;
	for (n = list->child; n != NULL; n = n->next) {
		if (span_is(n->str, name))
			return true;
	}
	return false;
}

static const char *
list_check(const struct json *in, const char *member, bool known_only)
{
	const struct json *list = json_get(in, member), *n;
	size_t i;

	if (list == NULL)
		return NULL;
	if (list->type != JSON_ARRAY)
		return problem(BAD_TYPE, "%s is no list.", member);
	for (n = list->child; n != NULL; n = n->next) {
		if (n->type != JSON_STRING)
			return problem(BAD_TYPE, "%s has no strings.", member);
		for (i = 0; known_only && i < nitems(system_names); i++) {
			if (span_is(n->str, system_names[i]))
				break;
		}
		if (i == nitems(system_names))
			return problem("InvalidAttributeName",
			    "Unknown Attribute %.*s.",
			    (int)(n->str.len > 100 ? 100 : n->str.len),
			    n->str.p);
	}
	return NULL;
}

const char *
message_names_check(const struct json *in)
{
	const char *code;

	if ((code = list_check(in, "AttributeNames", true)) != NULL ||
	    (code = list_check(in, "MessageSystemAttributeNames", true)) !=
		NULL)
		return code;
	return list_check(in, "MessageAttributeNames", false);
}

struct system_writer {
	struct buf *out;
	const struct json *old_names;
	const struct json *names;
	int written;
};

static void
write_system(struct system_writer *w, const char *name, const char *value)
{
	if (value == NULL ||
	    !(list_has(w->names, name) || list_has(w->old_names, name) ||
		list_has(w->names, "All") || list_has(w->old_names, "All")))
		return;
	buf_addf(w->out,
	    "%s\"%s\":", w->written++ == 0 ? ",\"Attributes\":{" : ",", name);
	buf_jsonstr(w->out, value);
}

static void
write_system_int(struct system_writer *w, const char *name, int64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)n);
	write_system(w, name, text);
}

static void
write_system_attributes(struct buf *out, const struct message *m,
    const struct json *in)
{
	struct system_writer w = { .out = out,
		.old_names = json_get(in, "AttributeNames"),
		.names = json_get(in, "MessageSystemAttributeNames") };
	char sequence[32];

	if (w.old_names == NULL && w.names == NULL)
		return;
	write_system(&w, "SenderId", SENDER_ID);
	write_system_int(&w, "SentTimestamp", m->sent_wall_ms);
	write_system_int(&w, "ApproximateReceiveCount", m->receive_count);
	write_system_int(&w, "ApproximateFirstReceiveTimestamp",
	    m->first_receive_wall_ms);
	if (m->queue->fifo) {
		(void)snprintf(sequence, sizeof(sequence), "188%017llu",
		    (unsigned long long)m->sequence);
		write_system(&w, "SequenceNumber", sequence);
		write_system(&w, "MessageDeduplicationId", m->dedup_id);
	}
	write_system(&w, "MessageGroupId", m->group_id);
	write_system(&w, "AWSTraceHeader", m->trace_header);
	write_system(&w, "DeadLetterQueueSourceArn", m->source_arn);
	if (w.written > 0)
		buf_addbyte(out, '}');
}

static bool
name_wanted(const struct json *names, struct span name)
{
	const struct json *n;

	for (n = names->child; n != NULL; n = n->next) {
		struct span want = n->str;

		if (span_is(want, "All") || span_is(want, ".*") ||
		    span_is(name, want.p))
			return true;
		if (want.len > 2 &&
		    span_is((struct span){ want.p + want.len - 2, 2 }, ".*") &&
		    name.len >= want.len - 2 &&
		    memcmp(name.p, want.p, want.len - 2) == 0)
			return true;
	}
	return false;
}

static void
write_attribute(struct buf *out, const struct attribute *at)
{
	buf_json(out, at->name.p, at->name.len);
	buf_addstr(out, ":{\"DataType\":");
	buf_json(out, at->type.p, at->type.len);
	if (at->binary) {
		buf_addstr(out, ",\"BinaryValue\":\"");
		buf_base64(out, at->value.p, at->value.len);
		buf_addstr(out, "\"}");
	} else {
		buf_addstr(out, ",\"StringValue\":");
		buf_json(out, at->value.p, at->value.len);
		buf_addbyte(out, '}');
	}
}

static void
write_attributes(struct buf *out, const struct message *m,
    const struct json *in, bool wrong_md5)
{
	const struct json *names = json_get(in, "MessageAttributeNames");
	struct buf digested = { 0 };
	size_t i;

	if (names == NULL)
		return;
	for (i = 0; i < m->nattributes; i++) {
		const struct attribute *at = &m->attributes[i];

		if (!name_wanted(names, at->name))
			continue;
		buf_addstr(out,
		    digested.len == 0 ? ",\"MessageAttributes\":{" : ",");
		write_attribute(out, at);
		digest_attribute(&digested, at);
	}
	if (digested.len > 0) {
		buf_addbyte(out, '}');
		write_digest(out, "MD5OfMessageAttributes", &digested,
		    wrong_md5);
	}
	buf_release(&digested);
}

void
message_write(struct buf *out, const struct message *m, const struct json *in,
    const struct fault *f)
{
	char md5[MD5_HEX_SIZE];

	memcpy(md5, m->body_md5, sizeof(md5));
	if (f->kind == FAULT_BAD_MD5)
		md5[0] = md5[0] == '0' ? '1' : '0';
	buf_addf(out, "{\"MessageId\":\"%s\",\"ReceiptHandle\":\"",
	    m->record->id);
	message_handle(m, out);
	buf_addf(out, "\",\"MD5OfBody\":\"%s\",\"Body\":", md5);
	buf_json(out, m->body, m->body_len);
	write_system_attributes(out, m, in);
	write_attributes(out, m, in, f->kind == FAULT_BAD_ATTR_MD5);
	buf_addbyte(out, '}');
}
