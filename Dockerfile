# sqsherd as PID 1 of a container.  Use it as the base of your own image:
#
#	FROM sqsherd
#	COPY resize-image /usr/local/bin/
#	CMD ["--", "/usr/local/bin/resize-image"]
#
# Everything else comes from the environment; see README.md, "On Fargate".

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY tools/deps tools/deps
RUN tools/deps build
COPY . .
RUN make -j"$(nproc)" LDFLAGS=-s install DESTDIR=/out PREFIX=/usr

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="sqsherd" \
	org.opencontainers.image.description="Prefork worker supervisor for Amazon SQS" \
	org.opencontainers.image.licenses="MIT"
RUN apt-get update \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -y \
		--no-install-recommends ca-certificates libbsd0 libcurl4 \
		libexpat1 libinih1 libssl3 libyajl2 \
	&& rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*
COPY --from=build /out/usr/sbin/sqsherd /usr/sbin/sqsherd
COPY --from=build /out/usr/bin/ /usr/bin/
# A number, not a name: "run as non-root" checks cannot look names up.
USER 10001:10001
WORKDIR /tmp
STOPSIGNAL SIGTERM
# ECS ignores this line: its task definition has a health check of its own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
	CMD ["/usr/bin/sqsherdctl", "health"]
ENTRYPOINT ["/usr/sbin/sqsherd"]
