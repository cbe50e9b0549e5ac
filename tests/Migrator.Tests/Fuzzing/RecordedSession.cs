using System.Text;
using System.Text.RegularExpressions;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Fuzzing;

/// <summary>What a server said in one session, said again to whatever client asks. The text has the greeting, then each answer after a line
/// <c>=== COMMAND</c>; <c>%TAG%</c> stands for the client's tag.</summary>
internal sealed partial class RecordedSession
{
    private readonly TimeSpan _patience;
    private readonly string _greeting;
    private readonly List<(string Command, string Answer)> _answers = [];

    /// <param name="patience">A client that says nothing for so long is hung up on.</param>
    public RecordedSession(byte[] text, TimeSpan patience)
    {
        _patience = patience;
        var parts = Separator().Split(Encoding.Latin1.GetString(text));
        _greeting = parts[0];
        for (var i = 1; i + 1 < parts.Length; i += 2)
            _answers.Add((parts[i], parts[i + 1]));
    }

    public async Task PlayAsync(HostileServer.Connection connection)
    {
        await connection.SayAsync(_greeting);
        var at = 0;
        while (await connection.ReadCommandAsync(_patience) is { } line)
        {
            var (tag, command) = Of(line);
            // The next answer to such a command; where the client asks more often than it did, the last one again.
            var next = _answers.FindIndex(at, answer => answer.Command == command);
            if (next < 0)
                next = _answers.FindLastIndex(answer => answer.Command == command);
            else
                at = next + 1;
            await connection.SayAsync(
                next < 0
                    ? tag.Length > 0
                        ? $"{tag} BAD unknown\r\n"
                        : "-ERR unknown\r\n"
                    : _answers[next].Answer.Replace("%TAG%", tag, StringComparison.Ordinal)
            );
        }
    }

    /// <summary>The tag, empty in POP3, and the command that answers are kept by.</summary>
    public static (string Tag, string Command) Of(string line) =>
        Tagged().Match(line) is { Success: true } tagged
            ? (tagged.Groups[1].Value, tagged.Groups[2].Value.ToUpperInvariant())
            : ("", Untagged().Match(line).Value);

    [GeneratedRegex(@"^=== ([^\r\n]*)\r?\n", RegexOptions.Multiline)]
    private static partial Regex Separator();

    // Of POP3: a message has its number, and nobody's password is written down.
    [GeneratedRegex(@"^[A-Z]+(?: \d+)*")]
    private static partial Regex Untagged();

    [GeneratedRegex(@"^([A-Z]\d{1,9}) ((?:UID )?[A-Za-z]+)")]
    private static partial Regex Tagged();
}
