using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Migrator.Tests.Servers;

/// <summary>A POP3 server on loopback for what no real server does on request: ids given again, wrong sizes, dots that are not doubled,
/// listings that break off. It keeps one mailbox in memory and speaks plaintext; any login succeeds.</summary>
public sealed class ScriptedPop3 : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentBag<Task> _sessions = [];
    private readonly ConcurrentQueue<string> _commands = new();
    private readonly Task _accepting;

    public ScriptedPop3(params ScriptedMail[] mail)
    {
        Mail = mail;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Read when a session logs in.</summary>
    public IReadOnlyList<ScriptedMail> Mail { get; set; }

    /// <summary>With a comma between two.</summary>
    public string Capabilities { get; set; } = "USER,UIDL,TOP,PIPELINING";

    public bool DoublesDots { get; set; } = true;

    /// <summary>What is sent of a message instead of all of it.</summary>
    public Func<ScriptedMail, string> Content { get; set; } = mail => mail.Text;

    /// <summary>The whole answer to a command, line ends included, instead of the server's; null to leave this one alone. After an answer
    /// that does not end with a line end the connection is closed.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    /// <summary>Says what is sent in place of a whole answer; null for nothing else than the server's. Gets the command, which is empty for
    /// the greeting, and what makes the server execute it and gives the bytes of its answer.</summary>
    public Func<string, Func<byte[]>, HostileAnswer?>? Instead { get; set; }

    /// <summary>The commands of all sessions so far, in order.</summary>
    public IReadOnlyList<string> Commands => [.. _commands];

    public int Count(string verb) => _commands.Count(command => command.Split(' ')[0] == verb);

    public void ForgetCommands() => _commands.Clear();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
        _ended.Dispose();
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
        {
            try
            {
                await new Session(this, client.GetStream()).RunAsync(_ended.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The client has left, or the test is over.
            }
        }
    }

    private sealed class Session(ScriptedPop3 server, NetworkStream stream)
    {
        private readonly HashSet<int> _deleted = [];
        private IReadOnlyList<ScriptedMail> _mail = [];

        public async Task RunAsync(CancellationToken stop)
        {
            using var reader = new StreamReader(stream, Encoding.Latin1);
            if (!await SayAsync("", () => "+OK ready\r\n", stop))
                return;
            while (await reader.ReadLineAsync(stop) is { } command)
            {
                server._commands.Enqueue(command);
                var words = command.Split(' ');
                if (server.Answer(command) is { } scripted)
                {
                    await SayAsync(scripted, stop);
                    if (!scripted.EndsWith('\n'))
                        return;
                }
                else
                {
                    if (command == "AUTH PLAIN")
                    {
                        await SayAsync("+ \r\n", stop);
                        await reader.ReadLineAsync(stop);
                    }
                    int? number = words.Length > 1 && int.TryParse(words[1], out var asked) ? asked : null;
                    if (!await SayAsync(command, () => Answer(words[0], number), stop))
                        return;
                }
                if (words[0] == "QUIT")
                    return;
            }
        }

        /// <returns>False to hang up.</returns>
        private async Task<bool> SayAsync(string command, Func<string> honest, CancellationToken stop)
        {
            if (server.Instead?.Invoke(command, () => Encoding.Latin1.GetBytes(honest())) is not { } hostile)
            {
                await SayAsync(honest(), stop);
                return true;
            }
            for (var at = 0; at < hostile.Bytes.Length; at += hostile.Piece)
                await stream.WriteAsync(hostile.Bytes.AsMemory(at, Math.Min(hostile.Piece, hostile.Bytes.Length - at)), stop);
            if (hostile.FallsSilent)
                await Task.Delay(Timeout.Infinite, stop);
            return !hostile.HangsUp;
        }

        private ValueTask SayAsync(string text, CancellationToken stop) => stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop);

        private string Answer(string verb, int? number)
        {
            if (number is { } asked && (asked < 1 || asked > _mail.Count))
                return "-ERR no such message\r\n";
            switch (verb)
            {
                case "CAPA":
                    return Lines(server.Capabilities.Split(','));
                case "PASS" or "AUTH":
                    _mail = server.Mail;
                    return "+OK\r\n";
                case "STAT":
                    return $"+OK {_mail.Count} {_mail.Sum(mail => mail.Text.Length)}\r\n";
                case "LIST" when number is { } one:
                    return $"+OK {one} {Size(_mail[one - 1])}\r\n";
                case "LIST":
                    return Lines(_mail.Select((mail, index) => $"{index + 1} {Size(mail)}"));
                case "UIDL":
                    return Lines(_mail.Select((mail, index) => mail.Uidl is { } uidl ? $"{index + 1} {uidl}" : null).OfType<string>());
                case "RETR":
                    return Retrieve(server.Content(_mail[number!.Value - 1]));
                case "TOP":
                    return Lines(_mail[number!.Value - 1].Text.Split("\r\n\r\n")[0].Split("\r\n").Append(""));
                case "DELE":
                    _deleted.Add(number!.Value);
                    return "+OK\r\n";
                case "QUIT":
                    server.Mail = [.. server.Mail.Where(mail => !_deleted.Any(deleted => ReferenceEquals(_mail[deleted - 1], mail)))];
                    return "+OK bye\r\n";
                default:
                    return "+OK\r\n";
            }
        }

        private string Retrieve(string text)
        {
            text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text : text + "\r\n";
            var lines = text[..^2].Split("\r\n");
            var sent = lines.Select(line => server.DoublesDots && line.StartsWith('.') ? "." + line : line);
            return $"+OK\r\n{string.Join("\r\n", sent)}\r\n.\r\n";
        }

        private static long Size(ScriptedMail mail) => mail.Size ?? mail.Text.Length;

        private static string Lines(IEnumerable<string> lines) => $"+OK\r\n{string.Concat(lines.Select(line => line + "\r\n"))}.\r\n";
    }
}
