using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Migrator.Core.Mail;
using Migrator.Mail.Connections;

namespace Migrator.Mail.Imap;

/// <summary>A connection as MailKit sees it. What the server says about messages (flags, date, size) is taken out on its way and read by
/// <see cref="FetchAnswer"/>; contents and everything else pass unchanged.</summary>
/// <remarks>MailKit gives the connection up, or throws what no server's answer should, where one message of a thousand has a date that is
/// no date or a size that is not a number, and turns other dates into the year 1 silently. The rejected alternative, to repair such answers
/// for MailKit, would still lose what the server really said.</remarks>
/// <param name="inner">After TLS began, if it does.</param>
/// <param name="greeting">What MailKit is to read before anything that the server says from now on; empty for nothing.</param>
/// <param name="transcript">Gets what is taken out; null for none.</param>
internal sealed partial class FetchAnswerStream(Stream inner, string greeting, Transcript? transcript) : ConnectionStream(inner)
{
    // What is longer is left to MailKit: holding it would let a server fill the memory.
    private const int LongestAnswer = 1 << 20;

    private const string Quota = "* QUOTA";

    // Of one command, more are nonsense.
    private const int MostQuotas = 1000;

    private const string PermanentFlags = "* OK [PERMANENTFLAGS";

    // So many bytes of a line show what it is for, a MESSAGELIMIT included.
    private const int LongestBeginning = 80;

    // Longer literals are contents.
    private const int LongestWord = 4096;

    private readonly byte[] _input = new byte[1 << 14];
    private readonly List<FetchAnswer> _answers = [];
    private HashSet<Uid>? _asked;
    private readonly List<MailQuota> _quotas = [];

    // Of a response that may be an answer to take out: its bytes so far, where its present line began, and its text with literals as quoted
    // strings.
    private readonly MemoryStream _held = new();
    private readonly StringBuilder _text = new();
    private int _lineStart;

    // Of a line that is passed on while it comes: its end, which may announce a literal.
    private string _tail = "";
    private State _state = State.Holding;
    private long _literal;
    private byte[] _output = Encoding.Latin1.GetBytes(greeting);
    private int _outputStart,
        _outputEnd = greeting.Length;

    private enum State
    {
        Holding,
        Passing,
        Word,
        Content,
    }

    /// <summary>The server has sent PERMANENTFLAGS since this was last set to false. MailKit does not tell a folder that keeps no flag from
    /// one that does not say, which keeps all (RFC 3501, section 7.1).</summary>
    public bool PermanentFlagsSaid { get; set; }

    /// <summary>For how many messages at most the server executes a command, where it has cut or refused one for that (RFC 9738) since this
    /// was last set to null. MailKit takes what was cut for whole.</summary>
    public int? MessageLimit { get; set; }

    /// <summary>Keeps what is said about these messages, until it is taken. A server may speak of any message, whenever it likes (RFC 9051,
    /// section 7), and does of each whose flags a client sets: of a large folder, all that together would fill the memory.</summary>
    public void KeepAnswers(IEnumerable<Uid> uids)
    {
        _answers.Clear();
        _asked = [.. uids];
    }

    /// <summary>What was said about those messages, in the order in which it was said.</summary>
    public IReadOnlyList<FetchAnswer> TakeAnswers()
    {
        var answers = _answers.ToList();
        _answers.Clear();
        _asked = null;
        return answers;
    }

    /// <summary>What was said about quotas since the last call. MailKit cuts their numbers to 32 bits, tells of the first root alone, and
    /// gives the connection up at a number that is none.</summary>
    public IReadOnlyList<MailQuota> TakeQuotas()
    {
        var quotas = _quotas.ToList();
        _quotas.Clear();
        return quotas;
    }

    public override int Read(Span<byte> buffer)
    {
        while (_outputStart == _outputEnd)
        {
            var read = Inner.Read(_input);
            if (read == 0)
                return 0;
            Sort(_input.AsSpan(0, read));
        }
        return Deliver(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_outputStart == _outputEnd)
        {
            var read = await Inner.ReadAsync(_input, cancellationToken);
            if (read == 0)
                return 0;
            Sort(_input.AsSpan(0, read));
        }
        return Deliver(buffer.Span);
    }

    private int Deliver(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _outputEnd - _outputStart);
        _output.AsSpan(_outputStart, count).CopyTo(buffer);
        _outputStart += count;
        return count;
    }

    private void Pass(ReadOnlySpan<byte> bytes)
    {
        if (_outputStart == _outputEnd)
            _outputStart = _outputEnd = 0;
        if (_outputEnd + bytes.Length > _output.Length)
            Array.Resize(ref _output, Math.Max(2 * _output.Length, _outputEnd + bytes.Length));
        bytes.CopyTo(_output.AsSpan(_outputEnd));
        _outputEnd += bytes.Length;
    }

    private void Sort(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var inLiteral = _state is State.Word or State.Content;
            var end = inLiteral ? 0 : bytes.IndexOf((byte)'\n') + 1;
            var part =
                inLiteral ? bytes[..(int)Math.Min(_literal, bytes.Length)]
                : end > 0 ? bytes[..end]
                : bytes;
            bytes = bytes[part.Length..];
            if (inLiteral)
                SortLiteral(part);
            else if (_state == State.Passing)
                PassOn(part, ended: end > 0);
            else
                Lease(part, ended: end > 0);
        }
    }

    private void SortLiteral(ReadOnlySpan<byte> part)
    {
        _literal -= part.Length;
        if (_state == State.Word)
        {
            _held.Write(part);
            _text.Append(Escaped().Replace(Encoding.Latin1.GetString(part), "\\$0"));
        }
        else
        {
            Pass(part);
        }
        if (_literal > 0)
            return;
        if (_state == State.Word)
            _text.Append('"');
        _lineStart = (int)_held.Length;
        _state = State.Holding;
    }

    private void PassOn(ReadOnlySpan<byte> part, bool ended)
    {
        Pass(part);
        const int longest = 32;
        var tail = _tail + Encoding.Latin1.GetString(part[^Math.Min(longest, part.Length)..]);
        _tail = tail[^Math.Min(longest, tail.Length)..];
        if (!ended)
            return;
        _literal = CredentialRedactor.Literal(_tail.TrimEnd('\r', '\n'));
        (_state, _tail, _lineStart) = (_literal > 0 ? State.Content : State.Holding, "", 0);
    }

    private void Lease(ReadOnlySpan<byte> part, bool ended)
    {
        _held.Write(part);
        var held = _held.GetBuffer().AsSpan(0, (int)_held.Length);
        if (!ended && held.Length < LongestBeginning)
            return;
        if (!(MayBeFetch(held) || Begins(Quota, held)) || held.Length > LongestAnswer)
        {
            NoteCode(held);
            PassHeld(ended);
            return;
        }
        if (!ended)
            return;
        var line = Encoding.Latin1.GetString(held[_lineStart..]).TrimEnd('\r', '\n');
        _text.Append(line);
        _literal = CredentialRedactor.Literal(line);
        var text = _text.ToString();
        if (HoldsContent().IsMatch(Lists().Replace(text, "")) || _literal > LongestWord)
        {
            PassHeld(ended: true);
        }
        else if (_literal > 0)
        {
            _text.Length = text.LastIndexOf('{');
            _text.Append('"');
            _state = State.Word;
        }
        else
        {
            if (text.StartsWith(Quota, StringComparison.OrdinalIgnoreCase))
                TakeIn(QuotaAnswer.Read(text));
            else if (_asked is not null && FetchAnswer.Read(text) is { } answer && _asked.Contains(answer.Uid))
                _answers.Add(answer);
            transcript?.ServerLine(text);
            Forget();
        }
    }

    private void NoteCode(ReadOnlySpan<byte> held)
    {
        PermanentFlagsSaid |= held.Length >= PermanentFlags.Length && Begins(PermanentFlags, held);
        var beginning = Encoding.Latin1.GetString(held[..Math.Min(held.Length, LongestBeginning)]);
        if (
            Limited().Match(beginning) is { Success: true } limited
            && int.TryParse(limited.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var messages)
        )
            MessageLimit = messages;
    }

    private void TakeIn(MailQuota? quota)
    {
        if (quota is not null && _quotas.Count < MostQuotas)
            _quotas.Add(quota);
    }

    private void PassHeld(bool ended)
    {
        var held = _held.ToArray();
        Forget();
        _state = State.Passing;
        PassOn(held, ended);
    }

    private void Forget()
    {
        _held.SetLength(0);
        _text.Clear();
        _lineStart = 0;
    }

    /// <summary>Whether what has come of a response may be the beginning of <c>* 1 FETCH (</c>.</summary>
    private static bool MayBeFetch(ReadOnlySpan<byte> held)
    {
        if (held[0] != '*' || (held.Length > 1 && held[1] != ' '))
            return false;
        var digits = 0;
        while (held.Length > digits + 2 && char.IsAsciiDigit((char)held[digits + 2]))
            digits++;
        var rest = held[Math.Min(held.Length, digits + 2)..];
        return digits <= 10 && (rest.IsEmpty || digits > 0) && Begins(" FETCH ", rest);
    }

    /// <summary>Whether what has come agrees with this beginning, as far as both go.</summary>
    private static bool Begins(string beginning, ReadOnlySpan<byte> held) =>
        beginning.StartsWith(
            Encoding.Latin1.GetString(held[..Math.Min(beginning.Length, held.Length)]),
            StringComparison.OrdinalIgnoreCase
        );

    [GeneratedRegex(@"\b(?:BODY\b|BODYSTRUCTURE|BINARY\[|ENVELOPE|RFC822(?:\.HEADER|\.TEXT)?[ ({])", RegexOptions.IgnoreCase)]
    private static partial Regex HoldsContent();

    // A keyword or a label may be called like a part of a message.
    [GeneratedRegex(@"\b(?:FLAGS|X-GM-LABELS) \((?:""(?:\\.|[^""\\])*""|[^"")])*\)?", RegexOptions.IgnoreCase)]
    private static partial Regex Lists();

    [GeneratedRegex(@"^(?:\* (?:OK|NO)|[A-Z]+\d+ (?:OK|NO|BAD)) \[MESSAGELIMIT (\d+)[ \]]", RegexOptions.IgnoreCase)]
    private static partial Regex Limited();

    [GeneratedRegex(@"[\\""]")]
    private static partial Regex Escaped();
}
