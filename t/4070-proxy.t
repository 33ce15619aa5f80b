#!/bin/sh
# Proxies are those of curl's environment: asked for a host that only they can
# reach, not for one of its exceptions, and never for this machine.
. "$(dirname "$0")/lib.sh"

unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY
unset no_proxy NO_PROXY
# The server under test is the proxy: it takes absolute URLs, and the name
# below is nowhere but there.
start_fake
new_queue jobs '"VisibilityTimeout":"600"'

# VARIABLE=VALUE work HOST
work() {
	start_sqsherd -q "http://$1/000000000000/jobs" -j 1 -o allow_http=yes \
		-o connect_timeout=1s -o max_attempts=1 -- true
}

end() {
	stop_sqsherd
	is "$STATUS" 0 "exit 0"
}

send one
http_proxy="$FAKE" work queue.invalid
eventually 20 "a queue behind http_proxy is worked" queue_is deleted 1
end

send two
all_proxy="$FAKE" work queue.invalid
eventually 20 "and one behind all_proxy" queue_is deleted 2
end

send three
http_proxy="$FAKE" no_proxy=.invalid work queue.invalid
eventually 20 "an exception of no_proxy is asked at its own address" \
	logged '"event":"receive_failed".*[Rr]esolve'
is "$(queue_field visible)" 1 "and not of the proxy"
end

http_proxy=http://127.0.0.1:1 work queue.invalid
eventually 20 "that a proxy is not there is said" \
	logged '"event":"receive_failed".*127\.0\.0\.1 port 1: '
end

http_proxy=http://proxy.invalid:1 work queue.invalid
eventually 20 "a proxy whose name does not resolve is asked for again" \
	logged '"event":"receive_failed".*"kind":"retry".*[Rr]esolve proxy'
end

http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1 \
	work "${FAKE#http://}"
eventually 20 "this machine is asked without" queue_is deleted 3
end

ok "no process is left" no_survivor
done_testing
