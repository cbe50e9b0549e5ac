using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Imap;

/// <summary>How much an IMAP server may say in answer to one command (docs/security.md). The contents of messages are measured by the code
/// that takes them, who knows how large they were announced.</summary>
/// <param name="where">Named in the failure.</param>
internal sealed partial class ImapAnswerLimits(string where) : IAnswerLimits
{
    /// <summary>Before somebody is logged in, but for the names of folders, which MailKit asks for along with it.</summary>
    public const int MostAtLogin = DialogueLimits.MostBytes;

    // SEARCH lists the messages of a folder in one line: two million UIDs.
    public const int LongestLine = 16 << 20;

    // Bytes outside the contents of messages.
    public const long MostBytes = 256L << 20;

    public const int MostLines = 1_000_000;

    // No command of ours asks about more than 10,000 messages.
    public const int MostMessages = 100_000;

    // Of one folder, however few bytes name them.
    public const int MostUids = 5_000_000;

    public const int MostFolders = 100_000;
    public const int LongestFolderName = 4096;

    // MailKit reads lists in lists by calling itself: too many end the process.
    public const int MostNested = 100;

    // A word that is not a message.
    private const int LongestLiteral = 1 << 20;

    // Around the name of a folder: attributes, delimiter, extended data.
    private const int RoomAroundName = 2048;

    private const int LongestTail = 32;

    private readonly StringBuilder _folder = new();
    private long _bytes,
        _literal;
    private int _lines,
        _messages,
        _folders,
        _line,
        _nested;
    private bool _quoted,
        _escaped;
    private Kind _kind = Kind.Unknown;
    private string _beginning = "",
        _tail = "";

    private enum Kind
    {
        Unknown,
        Fetch,
        Folder,
        Other,
    }

    /// <summary>From now on there is more to say than at a login.</summary>
    public bool LoggedIn { get; set; }

    public void Sent() => (_bytes, _lines, _messages, _folders) = (0, 0, 0, 0);

    public void Received(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var inLiteral = _literal > 0;
            var end = inLiteral ? 0 : bytes.IndexOf((byte)'\n') + 1;
            var part =
                inLiteral ? bytes[..(int)Math.Min(_literal, bytes.Length)]
                : end > 0 ? bytes[..end]
                : bytes;
            bytes = bytes[part.Length..];
            if (inLiteral)
                TakeLiteral(part);
            else
                TakeLine(part, ended: end > 0);
        }
    }

    private void TakeLiteral(ReadOnlySpan<byte> part)
    {
        _literal -= part.Length;
        if (_kind == Kind.Folder)
            _folder.Append(Encoding.Latin1.GetString(part));
        if (_kind != Kind.Fetch)
            Count(part.Length);
    }

    private void TakeLine(ReadOnlySpan<byte> part, bool ended)
    {
        Count(part.Length);
        if ((_line += part.Length) > LongestLine)
            throw TooMuch($"a line of more than {LongestLine:N0} bytes");
        if (_kind == Kind.Unknown)
            Recognize(part, ended);
        CountNested(part);
        if (_kind == Kind.Folder)
            _folder.Append(Encoding.Latin1.GetString(part));
        if (_folder.Length > LongestFolderName + RoomAroundName)
            throw TooMuch($"the name of a folder that is longer than {LongestFolderName:N0} bytes");
        var tail = _tail + Encoding.Latin1.GetString(part[^Math.Min(LongestTail, part.Length)..]);
        _tail = tail[^Math.Min(LongestTail, tail.Length)..];
        if (ended)
            EndLine();
    }

    private void EndLine()
    {
        if (++_lines > MostLines)
            throw TooMuch($"more than {MostLines:N0} lines");
        _literal = CredentialRedactor.Literal(_tail.TrimEnd('\r', '\n'));
        if (_literal > 0 && _kind != Kind.Fetch && _literal > (_kind == Kind.Folder ? LongestFolderName : LongestLiteral))
            throw TooMuch(_kind == Kind.Folder ? $"the name of a folder that has {_literal:N0} bytes" : $"a word of {_literal:N0} bytes");
        (_line, _tail) = (0, "");
        if (_literal > 0)
            return;
        if (_kind == Kind.Folder)
            LookAtFolder();
        (_kind, _beginning, _nested, _quoted, _escaped) = (Kind.Unknown, "", 0, false, false);
        _folder.Clear();
    }

    /// <summary>What kind of response it is shows in its first words.</summary>
    private void Recognize(ReadOnlySpan<byte> part, bool ended)
    {
        const int enough = 24;
        _beginning += Encoding.Latin1.GetString(part[..Math.Min(enough, part.Length)]);
        if (_beginning.Length < enough && !ended)
            return;
        _kind =
            Fetching().IsMatch(_beginning) ? Kind.Fetch
            : Listing().IsMatch(_beginning) ? Kind.Folder
            : Kind.Other;
        // What came of it before is not in this part.
        if (_kind == Kind.Folder && _beginning.Length > part.Length)
            _folder.Append(_beginning.AsSpan(0, _beginning.Length - Math.Min(enough, part.Length)));
        if (_kind == Kind.Fetch && ++_messages > MostMessages)
            throw TooMuch($"something about more than {MostMessages:N0} messages");
        if (_kind == Kind.Folder && ++_folders > MostFolders)
            throw TooMuch($"more than {MostFolders:N0} folders");
    }

    private void CountNested(ReadOnlySpan<byte> part)
    {
        foreach (var value in part)
        {
            if (_escaped)
                _escaped = false;
            else if (_quoted && value == '\\')
                _escaped = true;
            else if (value == '"')
                _quoted = !_quoted;
            else if (!_quoted && value == '(' && ++_nested > MostNested)
                throw TooMuch($"lists in lists, more than {MostNested:N0} deep");
            else if (!_quoted && value == ')')
                _nested--;
        }
    }

    private void LookAtFolder()
    {
        if (Folder().Match(_folder.ToString()) is not { Success: true } folder)
            return;
        var name = folder.Groups["name"].Value;
        if (name.Length > LongestFolderName)
            throw TooMuch($"the name of a folder that has {name.Length:N0} bytes");
        if (
            folder.Groups["delimiter"] is { Success: true } delimiter
            && name.Count(c => c == delimiter.Value[0]) is var depth
            && depth >= FolderPath.Deepest
        )
            throw TooMuch($"a folder that is {depth + 1:N0} levels deep; at most {FolderPath.Deepest} are read");
    }

    private void Count(int bytes)
    {
        _bytes += bytes;
        if (!LoggedIn && _folders == 0 && _bytes > MostAtLogin)
            throw TooMuch($"more than {MostAtLogin:N0} bytes before the login was over");
        if (_bytes > MostBytes)
            throw TooMuch($"more than {MostBytes:N0} bytes beside the contents of messages");
    }

    /// <summary>What is said about messages may be one message's fault, which is looked for; all else concerns the whole mailbox.</summary>
    private MailException TooMuch(string what) =>
        new(
            _kind == Kind.Fetch ? Reason.ConnectionLost : Reason.AnswerTooLong,
            $"{where}: the server sent {what} in answer to one command."
        );

    [GeneratedRegex(@"^\* \d{1,10} FETCH ", RegexOptions.IgnoreCase)]
    private static partial Regex Fetching();

    [GeneratedRegex(@"^\* (?:X?LIST|LSUB) ", RegexOptions.IgnoreCase)]
    private static partial Regex Listing();

    [GeneratedRegex(
        @"^\* \w+ \([^)]*\) (?:""\\?(?<delimiter>.)""|NIL) (?<name>.*?)\s*$",
        RegexOptions.IgnoreCase | RegexOptions.Singleline
    )]
    private static partial Regex Folder();
}
