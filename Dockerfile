# sqsherd as PID 1 of a container.  Use it as the base of your own image:
#
#	FROM sqsherd
#	COPY resize-image /usr/local/bin/
#	CMD ["--", "/usr/local/bin/resize-image"]
#
# Everything else comes from the environment; see terraform/README.md.
# `docker stop` waits for 10 seconds only before it kills, and an idle poll may
# take 20: run it with --stop-timeout 30, or set SQSHERD_GRACE_TIMEOUT=8s.
# tools/build builds it, with the two arguments below.

ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY tools/deps tools/deps
RUN tools/deps build
COPY . .
# The date of the commit, in seconds since 1970: two builds of one commit then
# install the same bytes with the same times.
ARG SOURCE_DATE_EPOCH=0
RUN make -s -j"$(nproc)" LDFLAGS=-s install DESTDIR=/out PREFIX=/usr \
	&& rm -r /out/usr/lib /out/usr/share/man \
	&& find /out -exec touch -h -d "@${SOURCE_DATE_EPOCH}" {} +

FROM ${BASE}
# What the programs are linked with, and trusted certificates.
RUN apt-get update -q \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
		--no-install-recommends ca-certificates libbsd0 libcap2 \
		libcurl4 libexpat1 libinih1 libmicrohttpd12 libssl3 libyajl2 \
	&& rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* \
		/var/cache/ldconfig/* /var/log/*
COPY --from=build /out/usr/ /usr/
ARG VERSION=unknown
LABEL org.opencontainers.image.title="sqsherd" \
	org.opencontainers.image.description="Prefork worker supervisor for Amazon SQS" \
	org.opencontainers.image.licenses="MIT" \
	org.opencontainers.image.version="${VERSION}"
# A number, not a name: "run as non-root" checks cannot look names up.
USER 10001:10001
WORKDIR /tmp
STOPSIGNAL SIGTERM
# ECS ignores this line: its task definition has a health check of its own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
	CMD ["/usr/bin/sqsherdctl", "health"]
ENTRYPOINT ["/usr/sbin/sqsherd"]
