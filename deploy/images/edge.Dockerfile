# An edge agent, as deploy/images/build publishes it, on a base that holds what .NET needs and no more.
ARG BASE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled-extra
FROM ${BASE}
COPY app/ /app/
COPY seeds/ /app/seeds/
COPY --chown=1654:1654 data/ /data/
WORKDIR /app
# Nobody in particular: the user that Microsoft's images call app.
USER 1654:1654
ENTRYPOINT ["/app/facility-edge"]
