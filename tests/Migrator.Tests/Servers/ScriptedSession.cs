using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Migrator.Tests.Servers;

/// <summary>One connection to a <see cref="ScriptedImap"/>.</summary>
public sealed partial class ScriptedSession(ScriptedImap server, TcpClient client, int number)
{
    private readonly NetworkStream _network = client.GetStream();
    private readonly BufferedStream _input = new(client.GetStream(), 1 << 16);
    private readonly MemoryStream _output = new();

    /// <summary>From 1, in the order of connecting.</summary>
    public int Number => number;

    public string? OpenName { get; private set; }

    /// <summary>For an answer to SELECT that a test writes itself.</summary>
    public void OpenQuietly(string name) => OpenName = name;

    public ScriptedFolder? Open => OpenName is null ? null : server.Folders.GetValueOrDefault(OpenName);

    public void Say(string line) => Say(Encoding.Latin1.GetBytes(line + "\r\n"));

    public async Task RunAsync()
    {
        using (client)
        {
            try
            {
                await using var ended = server.Ended.Register(client.Close);
                Say($"* OK [CAPABILITY {server.Capabilities}] {server.Greeting}");
                await FlushAsync();
                while (await ReadAsync() is { } command)
                {
                    await AnswerAsync(command);
                    await FlushAsync();
                    if (command.Name == "LOGOUT")
                        return;
                }
            }
            catch (ScriptedDropException)
            {
                await FlushAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
            {
                // The client has gone, or the test has ended.
            }
            catch (NotSupportedException) when (server.Ended.IsCancellationRequested)
            {
                // What a stream says that is closed between two of its own checks.
            }
        }
    }

    /// <summary>The first argument: an atom, a quoted string or a literal.</summary>
    public static string Argument(string arguments, IReadOnlyList<byte[]> literals)
    {
        var match = FirstArgument().Match(arguments);
        if (match.Groups["literal"].Success)
            return Encoding.Latin1.GetString(literals[int.Parse(match.Groups["literal"].Value, CultureInfo.InvariantCulture)]);
        var name = match.Groups["quoted"].Success ? Escaped().Replace(match.Groups["quoted"].Value, "$1") : match.Groups["atom"].Value;
        return name.Equals("INBOX", StringComparison.OrdinalIgnoreCase) ? "INBOX" : name;
    }

    private void Say(byte[] bytes) => _output.Write(bytes);

    private async Task FlushAsync()
    {
        var said = _output.ToArray();
        _output.SetLength(0);
        await _network.WriteAsync(said);
    }

    private async Task AnswerAsync(ScriptedCommand command)
    {
        if (command.Name == "AUTHENTICATE" && !command.Arguments.Contains(' ', StringComparison.Ordinal))
        {
            Say("+ ");
            await FlushAsync();
            await LineAsync();
        }
        HostileAnswer? hostile;
        lock (server.Guard)
        {
            hostile = server.Instead?.Invoke(command, () => Execute(command));
            if (hostile is null)
                Say(Execute(command));
        }
        if (hostile is { } answer)
            await SayAsync(answer);
    }

    /// <returns>The whole answer.</returns>
    private byte[] Execute(ScriptedCommand command)
    {
        var before = _output.ToArray();
        _output.SetLength(0);
        if ((server.Replaced(command) ?? Do(command)) is { Length: > 0 } answer)
            Say($"{command.Tag} {answer}");
        var said = _output.ToArray();
        _output.SetLength(0);
        Say(before);
        return said;
    }

    private async Task SayAsync(HostileAnswer answer)
    {
        await FlushAsync();
        for (var at = 0; at < answer.Bytes.Length; at += answer.Piece)
            await _network.WriteAsync(answer.Bytes.AsMemory(at, Math.Min(answer.Piece, answer.Bytes.Length - at)));
        if (answer.HangsUp)
            throw new ScriptedDropException();
        if (answer.FallsSilent)
            await Task.Delay(Timeout.Infinite, server.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<ScriptedCommand?> ReadAsync()
    {
        var (text, literals) = (new StringBuilder(), new List<byte[]>());
        while (true)
        {
            if (await LineAsync() is not { } line)
                return null;
            if (Literal().Match(line) is not { Success: true } literal)
            {
                text.Append(line);
                break;
            }
            if (literal.Groups[2].Length == 0)
            {
                Say("+ go on");
                await FlushAsync();
            }
            var bytes = new byte[int.Parse(literal.Groups[1].Value, CultureInfo.InvariantCulture)];
            await _input.ReadExactlyAsync(bytes);
            text.Append(line[..literal.Index]).Append(CultureInfo.InvariantCulture, $"{{{literals.Count}}}");
            literals.Add(bytes);
        }
        var parts = text.ToString().Split(' ', 3);
        var (name, arguments) = (parts.ElementAtOrDefault(1)?.ToUpperInvariant() ?? "", parts.ElementAtOrDefault(2) ?? "");
        if (name == "UID")
        {
            var inner = arguments.Split(' ', 2);
            (name, arguments) = ($"UID {inner[0].ToUpperInvariant()}", inner.ElementAtOrDefault(1) ?? "");
        }
        return new ScriptedCommand(this, parts[0], name, arguments, literals);
    }

    private async Task<string?> LineAsync()
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await _input.ReadAsync(one) > 0)
        {
            if (one[0] == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }
        return null;
    }

    [GeneratedRegex(@"\{(\d+)(\+?)\}$")]
    private static partial Regex Literal();

    [GeneratedRegex(@"^(?:""(?<quoted>(?:[^""\\]|\\.)*)""|\{(?<literal>\d+)\}|(?<atom>\S+))")]
    private static partial Regex FirstArgument();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escaped();
}
