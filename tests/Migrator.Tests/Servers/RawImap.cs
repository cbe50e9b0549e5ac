using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Migrator.Tests.Servers;

/// <summary>A small IMAP client of the tests' own, over plaintext: what it arranges and what it sees does not depend on
/// the library that the product uses.</summary>
public sealed class RawImap : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly BufferedStream _stream;
    private int _tag;

    /// <summary>How the last command was answered, without its tag.</summary>
    public string Answer { get; private set; } = "";

    private RawImap(TcpClient tcp) => (_tcp, _stream) = (tcp, new BufferedStream(tcp.GetStream(), 1 << 16));

    /// <summary>One untagged response: its text, with <c>{}</c> in place of each literal, and the literals.</summary>
    public sealed record Response(string Text, IReadOnlyList<byte[]> Literals);

    public static async Task<RawImap> LogInAsync(int port, string user, string password)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(IPAddress.Loopback, port);
        var imap = new RawImap(tcp);
        await imap.ReadAsync();
        await imap.RunAsync($"LOGIN {Quote(user)} {Quote(password)}");
        return imap;
    }

    /// <summary>A name as it goes over the wire: modified UTF-7 (RFC 3501, section 5.1.3), quoted.</summary>
    public static string Name(string name) => Quote(ModifiedUtf7.Encode(name));

    public Task<List<Response>> RunAsync(string command) => RunAsync(command, []);

    /// <exception cref="InvalidOperationException">The server said NO or BAD.</exception>
    public async Task<List<Response>> RunAsync(string command, byte[] literal)
    {
        var (responses, answer) = await AskAsync(command, literal);
        return Answer.StartsWith("OK", StringComparison.Ordinal)
            ? responses
            : throw new InvalidOperationException($"{command[..Math.Min(command.Length, 100)]}: {answer}");
    }

    /// <summary>All that the server says, line by line without the tag, whatever its answer is.</summary>
    public async Task<string> SaidAsync(string command, params byte[] literal)
    {
        var (responses, _) = await AskAsync(command, literal);
        return string.Join('\n', responses.Select(response => response.Text).Append(Answer));
    }

    private async Task<(List<Response> Responses, string Answer)> AskAsync(string command, byte[] literal)
    {
        var tag = $"t{++_tag}";
        await WriteAsync(Encoding.Latin1.GetBytes($"{tag} {command}{(literal.Length > 0 ? $" {{{literal.Length}}}" : "")}\r\n"));
        await _stream.FlushAsync();
        var responses = new List<Response>();
        while (true)
        {
            var response = await ReadAsync();
            if (literal.Length > 0 && response.Text.StartsWith('+'))
            {
                await WriteAsync([.. literal, .. "\r\n"u8]);
                await _stream.FlushAsync();
            }
            else if (!response.Text.StartsWith(tag + " ", StringComparison.Ordinal))
                responses.Add(response);
            else
            {
                Answer = response.Text[(tag.Length + 1)..];
                return (responses, response.Text);
            }
        }
    }

    public Task CreateAsync(string folder) => RunAsync($"CREATE {Name(folder)}");

    public Task AppendAsync(string folder, byte[] bytes, string flags = "", DateTimeOffset? date = null) =>
        RunAsync($"APPEND {Name(folder)} ({flags}){(date is { } day ? $" \"{ImapDate(day)}\"" : "")}", bytes);

    /// <summary>All in one command (MULTIAPPEND, RFC 3502, and LITERAL+, RFC 7888).</summary>
    public async Task AppendAllAsync(string folder, IEnumerable<(byte[] Bytes, DateTimeOffset Date)> messages)
    {
        var tag = $"t{++_tag}";
        await WriteAsync(Encoding.Latin1.GetBytes($"{tag} APPEND {Name(folder)}"));
        foreach (var (bytes, date) in messages)
        {
            await WriteAsync(Encoding.Latin1.GetBytes($" \"{ImapDate(date)}\" {{{bytes.Length}+}}\r\n"));
            await WriteAsync(bytes);
        }
        await WriteAsync("\r\n"u8.ToArray());
        await _stream.FlushAsync();
        string answer;
        while (!(answer = (await ReadAsync()).Text).StartsWith(tag + " ", StringComparison.Ordinal)) { }
        Answer = answer[(tag.Length + 1)..];
        if (!Answer.StartsWith("OK", StringComparison.Ordinal))
            throw new InvalidOperationException($"APPEND {folder}: {answer}");
    }

    public async Task StoreAsync(string folder, string uids, string change)
    {
        await RunAsync($"SELECT {Name(folder)}");
        await RunAsync($"UID STORE {uids} {change}");
    }

    public async Task DeleteAsync(string folder, string uids)
    {
        await StoreAsync(folder, uids, "+FLAGS (\\Deleted)");
        await RunAsync("EXPUNGE");
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";

    private static string ImapDate(DateTimeOffset date) =>
        date.ToString("dd-MMM-yyyy HH:mm:ss ", CultureInfo.InvariantCulture)
        + date.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "");

    private async Task WriteAsync(byte[] bytes) => await _stream.WriteAsync(bytes);

    private async Task<Response> ReadAsync()
    {
        var (text, literals) = (new StringBuilder(), new List<byte[]>());
        while (true)
        {
            var line = ReadLine();
            if (line.EndsWith('}') && int.TryParse(line[(line.LastIndexOf('{') + 1)..^1], out var length))
            {
                var literal = new byte[length];
                await _stream.ReadExactlyAsync(literal);
                literals.Add(literal);
                text.Append(line[..line.LastIndexOf('{')]).Append("{}");
                continue;
            }
            return new Response(text.Append(line).ToString(), literals);
        }
    }

    private string ReadLine()
    {
        var line = new List<byte>();
        while (true)
        {
            var value = _stream.ReadByte();
            if (value < 0)
                throw new IOException("The server closed the connection.");
            line.Add((byte)value);
            if (line is [.., (byte)'\r', (byte)'\n'])
                return Encoding.Latin1.GetString([.. line[..^2]]);
        }
    }
}
