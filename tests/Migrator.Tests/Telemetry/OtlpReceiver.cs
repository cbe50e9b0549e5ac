using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Migrator.Tests.Telemetry;

/// <summary>A collector on loopback: takes OTLP over HTTP as protobuf, and reads of it what tests ask for.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly List<(string Path, byte[] Body)> _received = [];

    private OtlpReceiver(WebApplication application) => _application = application;

    /// <summary>What senders say of themselves.</summary>
    public ConcurrentQueue<string?> Keys { get; } = [];

    public string Endpoint => _application.Urls.Single();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.ClearProviders();
        var application = builder.Build();
        var receiver = new OtlpReceiver(application);
        application.MapPost("/v1/{signal}", receiver.TakeAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Everything that came, as Latin-1, to be searched.</summary>
    public string Everything()
    {
        lock (_received)
            return string.Join('\n', _received.Select(part => System.Text.Encoding.UTF8.GetString(part.Body)));
    }

    /// <summary>ResourceSpans (1), ScopeSpans (2), Span (2).</summary>
    public IReadOnlyList<OtlpSpan> Spans() =>
        [
            .. Messages("/v1/traces")
                .SelectMany(body => body.Sub(1))
                .SelectMany(resource => resource.Sub(2))
                .SelectMany(scope => scope.Sub(2))
                .Select(span => new OtlpSpan(
                    Convert.ToHexStringLower(span.Bytes(1)),
                    Convert.ToHexStringLower(span.Bytes(2)),
                    Convert.ToHexStringLower(span.Bytes(4)),
                    span.Text(5),
                    Attributes(span, 9),
                    (int)(span.Sub(15).SingleOrDefault()?.Number(3) ?? 0),
                    span.Sub(15).SingleOrDefault()?.Text(2) ?? ""
                )),
        ];

    /// <summary>ResourceMetrics (1), ScopeMetrics (2), Metric (2): name (1), unit (3).</summary>
    public IReadOnlyList<(string Name, string Unit)> Metrics() =>
        [
            .. Messages("/v1/metrics")
                .SelectMany(body => body.Sub(1))
                .SelectMany(resource => resource.Sub(2))
                .SelectMany(scope => scope.Sub(2))
                .Select(metric => (metric.Text(1), metric.Text(3))),
        ];

    /// <summary>ResourceLogs (1), ScopeLogs (2), LogRecord (2): body (5), attributes (6).</summary>
    public IReadOnlyList<(string Body, IReadOnlyDictionary<string, string> Attributes)> Logs() =>
        [
            .. Messages("/v1/logs")
                .SelectMany(body => body.Sub(1))
                .SelectMany(resource => resource.Sub(2))
                .SelectMany(scope => scope.Sub(2))
                .Select(record => (record.Sub(5).Single().Text(1), Attributes(record, 6))),
        ];

    /// <summary>Resource (1) of the first that came: attributes (1).</summary>
    public IReadOnlyDictionary<string, string> Resource() => Attributes(Messages("/v1/traces").First().Sub(1).First().Sub(1).Single(), 1);

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Keys.Enqueue(context.Request.Headers["key"]);
        Assert.Equal("application/x-protobuf", context.Request.ContentType);
        lock (_received)
            _received.Add((context.Request.Path, body.ToArray()));
        // An empty answer is a whole one.
        context.Response.ContentType = "application/x-protobuf";
    }

    private List<Message> Messages(string path)
    {
        lock (_received)
            return [.. _received.Where(part => part.Path == path).Select(part => Message.Parse(part.Body))];
    }

    private static IReadOnlyDictionary<string, string> Attributes(Message of, int field) =>
        of.Sub(field).ToDictionary(pair => pair.Text(1), pair => pair.Sub(2).Single().AnyValue());

    /// <summary>A protobuf message without its schema.</summary>
    private sealed class Message
    {
        private readonly List<(int Field, object Value)> _fields = [];

        public static Message Parse(byte[] bytes)
        {
            var (message, input) = (new Message(), new CodedInputStream(bytes));
            for (uint tag; (tag = input.ReadTag()) != 0; )
            {
                message._fields.Add(
                    (
                        WireFormat.GetTagFieldNumber(tag),
                        WireFormat.GetTagWireType(tag) switch
                        {
                            WireFormat.WireType.Varint => input.ReadInt64(),
                            WireFormat.WireType.Fixed64 => (long)input.ReadFixed64(),
                            WireFormat.WireType.Fixed32 => (long)input.ReadFixed32(),
                            _ => (object)input.ReadBytes().ToByteArray(),
                        }
                    )
                );
            }
            return message;
        }

        public IEnumerable<Message> Sub(int field) => _fields.Where(part => part.Field == field).Select(part => Parse((byte[])part.Value));

        public byte[] Bytes(int field) =>
            _fields.Where(part => part.Field == field).Select(part => (byte[])part.Value).LastOrDefault() ?? [];

        public string Text(int field) => System.Text.Encoding.UTF8.GetString(Bytes(field));

        public long Number(int field) => _fields.Where(part => part.Field == field).Select(part => (long)part.Value).LastOrDefault();

        /// <summary>string (1), bool (2), int (3), double (4).</summary>
        public string AnyValue() =>
            _fields is [var (field, value)]
                ? field == 1
                    ? System.Text.Encoding.UTF8.GetString((byte[])value)
                    : value.ToString()!
                : "";
    }
}
