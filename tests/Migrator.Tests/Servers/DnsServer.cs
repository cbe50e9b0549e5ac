using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Migrator.Tests.Servers;

/// <summary>A DNS server on a free loopback port, over UDP and TCP (RFC 1035), with records that a test adds. Names that have none do not
/// exist.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private const int Address = 1,
        Alias = 5,
        Exchanger = 15,
        Text = 16,
        SixAddress = 28,
        Service = 33,
        // What a client says that it takes over UDP.
        Largest = 1232;

    private readonly ConcurrentDictionary<(string Name, int Type), List<byte[]>> _records = new();
    private readonly ConcurrentDictionary<string, DnsFault> _faults = new();
    private readonly ConcurrentDictionary<string, bool> _fired = new();
    private readonly ConcurrentQueue<(string Name, int Type, bool Tcp)> _asked = new();
    private readonly CancellationTokenSource _end = new();
    private readonly UdpClient _udp;
    private readonly TcpListener _tcp;
    private readonly List<Task> _serving;

    private DnsServer(UdpClient udp, TcpListener tcp)
    {
        (_udp, _tcp) = (udp, tcp);
        _serving = [ServeUdpAsync(), ServeTcpAsync()];
    }

    public IPEndPoint EndPoint => (IPEndPoint)_tcp.LocalEndpoint;

    /// <summary>As a setting has it.</summary>
    public string Setting => $"Discovery:DnsServers={EndPoint}";

    /// <summary>Says the whole answer to every question, from its id and what it asks; null for the records.</summary>
    public Func<byte[], byte[], byte[]>? Instead { get; set; }

    /// <summary>Every name that was asked for.</summary>
    public IReadOnlySet<string> Asked => _asked.Select(question => question.Name).ToHashSet();

    /// <summary>Those that were asked for over TCP.</summary>
    public IReadOnlySet<string> AskedOverTcp => _asked.Where(question => question.Tcp).Select(question => question.Name).ToHashSet();

    public int TimesAsked(string name) => _asked.Count(question => question.Name == name);

    /// <param name="address">Null for IPv4.</param>
    public static DnsServer Start(IPAddress? address = null)
    {
        while (true)
        {
            var tcp = new TcpListener(address ?? IPAddress.Loopback, 0);
            tcp.Start();
            try
            {
                return new DnsServer(new UdpClient((IPEndPoint)tcp.LocalEndpoint), tcp);
            }
            catch (SocketException)
            {
                // Somebody else has this port over UDP.
                tcp.Stop();
            }
        }
    }

    public void AddService(string name, string target, int port, int priority = 0, int weight = 0) =>
        Add(name, Service, [.. Two(priority), .. Two(weight), .. Two(port), .. Name(target)]);

    public void AddExchanger(string domain, string host, int preference = 10) =>
        Add(domain, Exchanger, [.. Two(preference), .. Name(host)]);

    public void AddAlias(string name, string target) => Add(name, Alias, Name(target));

    public void AddAddress(string host, IPAddress address) =>
        Add(host, address.AddressFamily == AddressFamily.InterNetworkV6 ? SixAddress : Address, address.GetAddressBytes());

    public void AddText(string name, string text) =>
        Add(name, Text, [.. Encoding.ASCII.GetBytes(text).Chunk(255).SelectMany(part => part.Prepend((byte)part.Length))]);

    /// <summary>Answers questions for a name so, or fails the test if nobody asks.</summary>
    public void Arm(string name, DnsFault fault) => (_faults[name], _fired[name]) = (fault, false);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _udp.Dispose();
        _tcp.Stop();
        await Task.WhenAll(_serving);
        _end.Dispose();
        if (_fired.FirstOrDefault(fault => !fault.Value) is { Key: { } idle })
            throw new InvalidOperationException($"Nobody asked for {idle}: its fault proves nothing.");
    }

    private void Add(string name, int type, byte[] content)
    {
        var records = _records.GetOrAdd((name, type), _ => []);
        lock (records)
            records.Add(content);
    }

    private async Task ServeUdpAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var question = await _udp.ReceiveAsync(_end.Token);
                if (Answer(question.Buffer, tcp: false) is { } answer)
                    await _udp.SendAsync(answer, question.RemoteEndPoint, _end.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The end, or a client that is gone.
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _tcp.AcceptTcpClientAsync(_end.Token));
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The end.
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var length = new byte[2];
                while (true)
                {
                    await stream.ReadExactlyAsync(length, _end.Token);
                    var question = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                    await stream.ReadExactlyAsync(question, _end.Token);
                    if (Answer(question, tcp: true) is { } answer)
                        await stream.WriteAsync((byte[])[.. Two(answer.Length), .. answer], _end.Token);
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The client has what it came for.
            }
        }
    }

    /// <returns>Null for silence.</returns>
    private byte[]? Answer(byte[] question, bool tcp)
    {
        var (name, end) = ReadName(question, 12);
        var type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(end));
        _asked.Enqueue((name, type, tcp));
        var asked = question[12..(end + 4)];
        if (Instead is { } instead)
            return instead(question[..2], asked);
        if (_faults.TryGetValue(name, out var fault) && !(fault == DnsFault.Truncation && tcp))
        {
            _fired[name] = true;
            return fault switch
            {
                DnsFault.Silence => null,
                DnsFault.ServerFailure => Message(question, asked, 0x8182, []),
                DnsFault.Truncation => Message(question, asked, 0x8380, []),
                _ => [.. Message(question, asked, 0x8180, [])[..6], .. Two(9), .. Two(0), .. Two(0), .. asked, 0xC0, 0xFF, 0x3F, 1, 2, 3],
            };
        }
        if (!_records.TryGetValue((name, type), out var records))
            // A name exists if it has any record, or if one below it has.
            return Message(
                question,
                asked,
                _records.Keys.Any(key => key.Name == name || key.Name.EndsWith($".{name}")) ? 0x8180 : 0x8183,
                []
            );
        List<byte[]> answers;
        lock (records)
            answers =
            [
                .. records.Select(content => (byte[])[0xC0, 12, .. Two(type), .. Two(1), 0, 0, 0, 60, .. Two(content.Length), .. content]),
            ];
        var answer = Message(question, asked, 0x8180, answers);
        return tcp || answer.Length <= Largest ? answer : Message(question, asked, 0x8380, []);
    }

    private static byte[] Message(byte[] question, byte[] asked, int flags, IReadOnlyList<byte[]> answers) =>
        [
            question[0],
            question[1],
            .. Two(flags),
            .. Two(1),
            .. Two(answers.Count),
            .. Two(0),
            .. Two(0),
            .. asked,
            .. answers.SelectMany(one => one),
        ];

    private static (string Name, int End) ReadName(byte[] message, int at)
    {
        var labels = new List<string>();
        while (message[at] is var length and > 0)
        {
            labels.Add(Encoding.ASCII.GetString(message, at + 1, length).ToLowerInvariant());
            at += length + 1;
        }
        return (string.Join('.', labels), at + 1);
    }

    private static byte[] Name(string name) =>
        [
            .. name.Split('.', StringSplitOptions.RemoveEmptyEntries)
                .SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)),
            0,
        ];

    private static byte[] Two(int number) => [(byte)(number >> 8), (byte)number];
}
