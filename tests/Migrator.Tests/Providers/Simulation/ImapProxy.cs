using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Providers.Simulation;

/// <summary>A provider's personality in front of a real server: what it says and takes otherwise than that server. Plaintext, on
/// loopback.</summary>
internal abstract class ImapProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentBag<Task> _sessions = [];
    private readonly ConcurrentQueue<ImapCommand> _commands = new();
    private readonly ConcurrentQueue<ProxyFault> _faults = new();
    private readonly ConcurrentDictionary<string, int> _effects = new();
    private readonly ConcurrentQueue<Exception> _broken = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<bool>>> _mailboxes = new();
    private readonly Task _accepting;
    private int _open;

    protected ImapProxy(DovecotServer server)
    {
        Server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Behind it, and its own.</summary>
    public DovecotServer Server { get; }

    /// <summary>How many connections are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Folders that every mailbox has, with the use that LIST tells of; empty for none.</summary>
    public virtual IReadOnlyList<(string Name, string Use)> MailboxFolders => [];

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What clients asked for, in order.</summary>
    public IReadOnlyList<ImapCommand> Commands => [.. _commands];

    public Task<RawImap> LogInAsync(string user) => RawImap.LogInAsync(Port, user, DovecotServer.Password);

    public ProxyFault Arm(string name, Func<ImapCommand, string?> answer) => Armed(new ProxyFault(name, answer, afterwards: false));

    /// <summary>Likewise, once the command was executed: its own answer is lost.</summary>
    public ProxyFault ArmAfter(string name, Func<ImapCommand, string?> answer) => Armed(new ProxyFault(name, answer, afterwards: true));

    /// <summary>The account, with the folders that every mailbox has.</summary>
    public Task<bool> OpenMailboxAsync(string user) =>
        _mailboxes
            .GetOrAdd(
                user,
                _ => new Lazy<Task<bool>>(async () =>
                {
                    await using var raw = await Server.LogInAsync(user);
                    foreach (var (name, _) in MailboxFolders)
                        await raw.CreateAsync(name);
                    return true;
                })
            )
            .Value;

    /// <summary>A setting that must have an effect before the test is over.</summary>
    /// <param name="isSet">False for one that the test leaves as it is.</param>
    protected void Expect(string setting, bool isSet = true)
    {
        if (isSet)
            _effects.TryAdd(setting, 0);
    }

    /// <summary>The setting had an effect.</summary>
    public void Had(string setting) => _effects.AddOrUpdate(setting, 1, (_, times) => times + 1);

    public ProxyFault? FaultOf(ImapCommand command, out string answer)
    {
        _commands.Enqueue(command);
        foreach (var fault in _faults)
        {
            if (fault.Answer(command) is { } said)
            {
                answer = said;
                return fault;
            }
        }
        answer = "";
        return null;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
        await Server.DisposeAsync();
        _ended.Dispose();
        if (!_broken.IsEmpty)
            throw new AggregateException("The simulation itself failed.", _broken);
        // What was proved without the fault is nothing.
        string[] idle =
        [
            .. _faults.Where(fault => fault.Fired == 0).Select(fault => fault.Name),
            .. _effects.Where(effect => effect.Value == 0).Select(effect => effect.Key),
        ];
        if (idle.Length > 0)
            throw new InvalidOperationException($"Never fired: {string.Join(", ", idle)}.");
    }

    protected abstract ImapProxySession Begin(ImapWire client, ImapWire server);

    /// <summary>So many bytes came from a client.</summary>
    protected virtual void Received(int bytes) { }

    private ProxyFault Armed(ProxyFault fault)
    {
        _faults.Enqueue(fault);
        return fault;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_ended.Token)));
        }
        catch (Exception) when (_ended.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient { NoDelay = true })
        {
            client.NoDelay = true;
            Interlocked.Increment(ref _open);
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, Server.ImapPort, _ended.Token);
                ImapProxySession? session = null;
                var near = new ImapWire(client.GetStream(), _ended.Token)
                {
                    OnLiteral = (length, waits) => session!.LiteralAsync(length, waits),
                    OnRead = Received,
                };
                session = Begin(near, new ImapWire(server.GetStream(), _ended.Token));
                await session.RunAsync();
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One side hung up.
            }
            catch (Exception exception)
            {
                _broken.Enqueue(exception);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
            client.Client.LingerState = new LingerOption(true, 0);
        }
    }
}
