using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Migrator.Tests.Servers;

/// <summary>An IMAP server on loopback whose every answer a test can replace, for what no real server does on request: short
/// listings, renumbering, nonsense. It keeps mail in memory and speaks plaintext; any login succeeds.</summary>
public sealed class ScriptedImap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly ConcurrentQueue<ScriptedCommand> _commands = new();
    private readonly List<ScriptedFault> _faults = [];
    private readonly Task _accepting;
    private int _accepted;

    public ScriptedImap()
    {
        _listener.Start();
        Folders = new(StringComparer.Ordinal) { ["INBOX"] = new ScriptedFolder() };
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>By full name as on the wire.</summary>
    public Dictionary<string, ScriptedFolder> Folders { get; }

    public ScriptedFolder Inbox => Folders["INBOX"];

    public string Capabilities { get; set; } = "IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND NAMESPACE UNSELECT CHILDREN CONDSTORE";

    /// <summary>The words of it.</summary>
    public string Greeting { get; set; } = "ready";

    public string Namespace { get; set; } = "((\"\" \"/\")) NIL NIL";

    public char Delimiter { get; set; } = '/';

    /// <summary>Null to send no PERMANENTFLAGS.</summary>
    public string? PermanentFlags { get; set; } = @"\Answered \Flagged \Deleted \Seen \Draft \*";

    /// <summary>What the server makes of a message that is appended.</summary>
    public Func<byte[], byte[]> Store { get; set; } = content => content;

    /// <summary>Sees each command before it is answered, and may change what the server holds.</summary>
    public Action<ScriptedCommand>? Before { get; set; }

    /// <summary>Says what is sent in place of a whole answer; null for nothing else than the server's. Gets what makes the server execute
    /// the command and gives the bytes of its answer.</summary>
    public Func<ScriptedCommand, Func<byte[]>, HostileAnswer?>? Instead { get; set; }

    /// <summary>Commands of all connections so far, in order.</summary>
    public IReadOnlyCollection<ScriptedCommand> Commands => _commands;

    public int Accepted => _accepted;

    /// <summary>Guards everything above while connections are open.</summary>
    public Lock Guard { get; } = new();

    internal CancellationToken Ended => _ended.Token;

    /// <summary>Answers some commands otherwise than the server would. A fault that never fires fails the test.</summary>
    /// <param name="answer">Returns the tagged response without its tag, such as <c>NO no</c>; null to leave this command alone. May call
    /// <see cref="ScriptedCommand.Say"/> and <see cref="ScriptedCommand.Drop"/>.</param>
    public ScriptedFault Arm(string name, Func<ScriptedCommand, string?> answer)
    {
        var fault = new ScriptedFault(name, answer);
        lock (Guard)
            _faults.Add(fault);
        return fault;
    }

    /// <summary>The answer of the first fault that wants this command; null for none.</summary>
    internal string? Replaced(ScriptedCommand command)
    {
        _commands.Enqueue(command);
        Before?.Invoke(command);
        foreach (var fault in _faults.ToList())
        {
            if (!fault.Healed && fault.TryAnswer(command) is { } answer)
                return answer;
        }
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _ended.Dispose();
        var silent = _faults.Where(fault => fault.Fired == 0).Select(fault => fault.Name).ToList();
        if (silent.Count > 0)
            throw new InvalidOperationException($"Armed and never fired: {string.Join(", ", silent)}.");
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_ended.Token);
                client.NoDelay = true;
                var session = new ScriptedSession(this, client, ++_accepted);
                _connections.Add(Task.Run(session.RunAsync));
            }
        }
        catch (Exception) when (_ended.IsCancellationRequested)
        {
            // The test has ended.
        }
    }
}
