#!/bin/sh
# A signature rebuilt step by step with the openssl command, which shares no
# line with common/http/sigv4.c, must be the one that t/unit/sigv4 prints.
. "$(dirname "$0")/lib.sh"

command -v openssl >/dev/null || skip_all "there is no openssl command"

id=AKIDINVENTED
secret='an/invented+secret0123456789abcdefghijkl'
date=20260228T235959Z
day=${date%T*}
region=eu-west-1
service=sqs
token='FwoGZXIvYXdzE//=='
body='{"QueueUrl":"u"}'
names='content-type;host;x-amz-date;x-amz-security-token;x-amz-target;x-amzn-query-mode'

# Both read standard input and print lower-case hexadecimal.
sha256() {
	openssl dgst -sha256 -r | cut -d ' ' -f 1
}

hmac() {
	openssl dgst -sha256 -mac HMAC -macopt "$1" -r | cut -d ' ' -f 1
}

canonical_request() {
	printf 'POST\n/\n\n'
	printf 'content-type:application/x-amz-json-1.0\n'
	printf 'host:sqs.eu-west-1.amazonaws.com\n'
	printf 'x-amz-date:%s\n' "$date"
	printf 'x-amz-security-token:%s\n' "$token"
	printf 'x-amz-target:AmazonSQS.DeleteMessage\n'
	printf 'x-amzn-query-mode:true\n\n'
	printf '%s\n' "$names"
	printf '%s' "$(printf '%s' "$body" | sha256)"
}

string_to_sign() {
	printf 'AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n' \
		"$date" "$day" "$region" "$service"
	printf '%s' "$(canonical_request | sha256)"
}

key=$(printf '%s' "$day" | hmac "key:AWS4$secret")
for part in "$region" "$service" aws4_request; do
	key=$(printf '%s' "$part" | hmac "hexkey:$key")
done
signature=$(string_to_sign | hmac "hexkey:$key")

want="AWS4-HMAC-SHA256 Credential=$id/$day/$region/$service/aws4_request, \
SignedHeaders=$names, Signature=$signature"
is "${#signature}" 64 "the openssl command yields a signature"
is "$("$BUILD/t/unit/sigv4" --print)" "$want" \
	"our signature is that of the openssl command"
done_testing
