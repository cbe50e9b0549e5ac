using System.Text;
using System.Text.RegularExpressions;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Fuzzing;

/// <summary>Writes down what a real server says, as a <see cref="RecordedSession"/>. One connection, one command at a time.</summary>
internal sealed partial class SessionRecorder
{
    private readonly StringBuilder _text = new();
    private string _tag = "";

    public void Watch(LoopbackProxy proxy) => proxy.Sees = See;

    public string Text => _text.ToString();

    private void See(bool fromServer, string text)
    {
        lock (_text)
        {
            if (fromServer)
            {
                // A go-ahead is given where a literal asks for one. Of commands that were sent at once, each has its own answer.
                if (!text.StartsWith("+ ", StringComparison.Ordinal))
                    _text.Append(
                        Pipelined()
                            .Replace(_tag.Length > 0 ? text.Replace(_tag, "%TAG%", StringComparison.Ordinal) : text, "=== APPEND\r\n%TAG%")
                    );
                return;
            }
            var line = text.Split('\r')[0];
            if (!Command().IsMatch(line))
                return;
            var (tag, command) = RecordedSession.Of(line);
            _tag = tag;
            _text.Append($"=== {command}\r\n");
        }
    }

    [GeneratedRegex(@"^(?:[A-Z]\d{1,9} )?[A-Z]{2,}\b")]
    private static partial Regex Command();

    [GeneratedRegex(@"^P\d+(?= OK)", RegexOptions.Multiline)]
    private static partial Regex Pipelined();
}
