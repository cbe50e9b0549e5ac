using System.Text;
using System.Text.Json;

namespace Migrator.Core.Certificates;

/// <summary>Reads a certificate line by line and names what is wrong with it: all that can be told without its signature. Memory does not
/// grow with the file, whatever it contains, but for the names of a job's mailboxes.</summary>
/// <param name="name">Of the file.</param>
/// <param name="seen">Given each line that is as it was written.</param>
public sealed class CertificateReader(string name, Action<JsonElement>? seen = null)
{
    private const int MostProblems = 100;
    private const int CheckLength = CertificateFormat.CheckBytes * 2;

    private static readonly string[] s_compared = ["identical", "equivalent", "different"];
    private static readonly HashSet<string> s_states = [.. Enum.GetNames<CertifiedState>().Select(state => state.ToLowerInvariant())];

    private readonly MerkleTree _tree = new();
    private readonly Dictionary<string, long> _counts = [];
    private readonly List<CertificateProblem> _problems = [];
    private readonly List<JobCertificateLine> _mailboxes = [];
    private JsonElement? _first;
    private long _number,
        _inside;
    private (byte[] Folder, uint Uid) _last = ([], 0);
    private (byte[] Name, long Uid)? _order;
    private bool _mustDiffer;

    public IReadOnlyList<CertificateProblem> Problems =>
        // What follows from a line that is not there says nothing new.
        _problems.Exists(problem =>
            problem.Code.StartsWith("line-", StringComparison.Ordinal) || problem.Code == CertificateProblem.Truncated
        )
            ? _problems.FindAll(problem => problem.Code != CertificateProblem.Inconsistent)
            : _problems;

    /// <summary>The bytes that are signed; null where the file has no last line.</summary>
    public byte[]? SignedBytes { get; private set; }

    /// <summary>Null where it has none that can be read.</summary>
    public CertificateEnd? End { get; private set; }

    /// <summary>The mailboxes of a job.</summary>
    public IReadOnlyList<JobCertificateLine> Mailboxes => _mailboxes;

    /// <summary>How many lines there are of each kind.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <exception cref="IOException">The file cannot be read.</exception>
    public void Read(Stream file, CancellationToken stop)
    {
        using var lines = CertificateLines.Read(file).GetEnumerator();
        var more = lines.MoveNext();
        if (!more)
            Report(CertificateProblem.Truncated, "is empty");
        for (var place = 1L; more; place++)
        {
            stop.ThrowIfCancellationRequested();
            var (line, ended) = lines.Current;
            more = lines.MoveNext();
            var members = Parse(line, place);
            if (!more && (!ended || members?.GetProperty("type").GetString() is { } type and not "end"))
            {
                Report(CertificateProblem.Truncated, "the last line is missing");
                return;
            }
            if (!more)
            {
                SignedBytes = line;
                if (members is { } end)
                    Consistent(() => Finish(end), place);
                return;
            }
            _tree.Add(line);
            if (members is not { } known)
                continue;
            if (place == 1 && known.GetProperty("n").GetInt64() == 0)
            {
                if (!IsFirst(known))
                {
                    Report(CertificateProblem.Unreadable, $"is not a certificate of version {CertificateFormat.Version}");
                    return;
                }
                _first = known;
            }
            else
            {
                Consistent(() => Take(known), place);
            }
        }
    }

    private static bool IsFirst(JsonElement first)
    {
        try
        {
            return IsKnown(first);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsKnown(JsonElement first) =>
        first.GetProperty("type").GetString() is "mailbox" or "job"
        && Text(first, "format") == CertificateFormat.Name
        && first.TryGetProperty("version", out var version)
        && version.ValueKind == JsonValueKind.Number
        && version.TryGetInt32(out var number)
        && number == CertificateFormat.Version;

    /// <returns>Null where the line is not as it was written.</returns>
    private JsonElement? Parse(byte[] line, long place)
    {
        if (Members(line) is not { } members)
        {
            _number++;
            Report(CertificateProblem.LineChanged, $"line {place} was changed");
            return null;
        }
        var number = members.GetProperty("n").GetInt64();
        if (number > _number)
        {
            Report(CertificateProblem.LineRemoved, $"line {place} has the number {number} instead of {_number}");
            _number = number;
        }
        else if (number < _number)
        {
            Report(CertificateProblem.LineAdded, $"line {place} has the number {number} instead of {_number}");
            return members;
        }
        _number++;
        return members;
    }

    private static JsonElement? Members(byte[] line)
    {
        var open = line.Length - CertificateFormat.BeforeCheck.Length - CheckLength - CertificateFormat.AfterCheck.Length;
        if (
            open < 0
            || line.Length > CertificateFormat.LongestLine
            || !line.AsSpan(open).StartsWith(CertificateFormat.BeforeCheck)
            || !line.AsSpan().EndsWith(CertificateFormat.AfterCheck)
            || Encoding.ASCII.GetString(line.AsSpan(open + CertificateFormat.BeforeCheck.Length, CheckLength))
                != CertificateFormat.Check(line.AsSpan(0, open))
        )
            return null;
        try
        {
            using var document = JsonDocument.Parse(line);
            var members = document.RootElement.Clone();
            return
                members.ValueKind == JsonValueKind.Object
                && members.TryGetProperty("n", out var number)
                && number.ValueKind == JsonValueKind.Number
                && number.TryGetInt64(out _)
                && Text(members, "type") is not null
                ? members
                : null;
        }
        // The second: text that is half of a surrogate pair.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private void Take(JsonElement line)
    {
        var type = Text(line, "type");
        var kind = type is "certificate" or "without" ? type : $"{type}.{line.GetProperty("state").GetString()}";
        // The kinds are few, unless a stranger made them up.
        Demand(_counts.ContainsKey(kind) || _counts.Count < s_states.Count * 3);
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        seen?.Invoke(line);
        switch (type)
        {
            case "message":
                TakeMessage(line);
                break;
            case "folder":
                TakeFolder(line);
                break;
            case "extra":
                Demand(_inside == 0);
                var target = line.GetProperty("target");
                InOrder(Bytes(target, "folder"), target.GetProperty("uid").GetUInt32());
                break;
            case "certificate":
            case "without":
                _mustDiffer |= Text(line, "verdict") != CertificateFormat.Identical;
                InOrder(Bytes(line, "mailbox"), 0);
                if (type == "certificate")
                    _mailboxes.Add(
                        new JobCertificateLine(
                            Text(line, "mailbox")!,
                            Text(line, "file"),
                            Text(line, "source"),
                            Text(line, "target"),
                            Text(line, "verdict"),
                            Text(line, "root")
                        )
                    );
                break;
            default:
                Demand(false);
                break;
        }
    }

    private void TakeMessage(JsonElement line)
    {
        var (folder, uid, state) = (Bytes(line, "folder"), line.GetProperty("uid").GetUInt32(), Text(line, "state")!);
        var order = folder.AsSpan().SequenceCompareTo(_last.Folder);
        Demand(s_states.Contains(state) && (_inside > 0 ? order == 0 && uid > _last.Uid : order > 0));
        (_last, _inside) = ((folder, uid), _inside + 1);
        if (!s_compared.Contains(state))
            return;
        var target = line.GetProperty("target");
        List<string> listed = line.TryGetProperty("differences", out var differences)
            ? [.. differences.EnumerateArray().Select(difference => difference.GetString()!)]
            : [];
        List<string> differ = [];
        if (Needed(line, "sha256") != Needed(target, "sha256"))
            differ.Add(listed.Contains("form") ? "form" : "content");
        if (Text(line, "flags") is { } flags && !Flags(flags).SequenceEqual(Flags(Needed(target, "flags"))))
            differ.Add("flags");
        if (Text(line, "date") is { } date && date != Needed(target, "date"))
            differ.Add("date");
        var expected = differ switch
        {
            [] => "identical",
            ["form"] => "equivalent",
            _ => "different",
        };
        Demand(differ.SequenceEqual(listed) && state == expected);
    }

    private void TakeFolder(JsonElement line)
    {
        var (folder, inside) = (Bytes(line, "folder"), _inside);
        _inside = 0;
        var order = folder.AsSpan().SequenceCompareTo(_last.Folder);
        Demand(line.GetProperty("messages").GetInt64() == inside && (inside > 0 ? order == 0 : order > 0));
        _last = (folder, 0);
        _mustDiffer |= line.TryGetProperty("target", out var target) && !target.GetProperty("exists").GetBoolean();
    }

    private void InOrder(byte[] key, long uid)
    {
        if (_order is { } before)
            Demand(key.AsSpan().SequenceCompareTo(before.Name) is var order && (order > 0 || (order == 0 && uid > before.Uid)));
        _order = (key, uid);
    }

    private void Finish(JsonElement end)
    {
        End = new CertificateEnd(
            Text(end, "job"),
            Text(end, "mailbox"),
            Text(end, "source"),
            Text(end, "target"),
            Text(end, "file"),
            Text(end, "verdict"),
            Text(end, "root")
        );
        if (End.File != name)
            Report(CertificateProblem.WrongFile, $"is the certificate of {End.Mailbox ?? End.Job}, {End.File}");
        else if (_first is { } first && (Identity(first) != Identity(end) || Text(first, "type") != Text(end, "of")))
            Report(CertificateProblem.WrongFile, "the first and the last line name different mailboxes");
        if (End.Root != _tree.Root())
            Report(CertificateProblem.Root, "the Merkle root does not fit the lines");
        var may =
            !_mustDiffer
            && CertificateDraft.AllowsIdentical(_counts)
            && !end.TryGetProperty("stopped", out _)
            && !end.TryGetProperty("shortfall", out _);
        Demand(
            Counted(end)
                && _inside == 0
                && (End.Verdict == CertificateFormat.NotIdentical || (may && End.Verdict == CertificateFormat.Identical))
        );
    }

    private bool Counted(JsonElement end)
    {
        var said = end.GetProperty("counts").EnumerateObject().ToDictionary(count => count.Name, count => count.Value.GetInt64());
        return said.Count == _counts.Count && _counts.All(count => said.GetValueOrDefault(count.Key) == count.Value);
    }

    private static (string?, string?, string?, string?, string?) Identity(JsonElement line) =>
        (Text(line, "job"), Text(line, "mailbox"), Text(line, "source"), Text(line, "target"), Text(line, "file"));

    private void Consistent(Action check, long place)
    {
        try
        {
            check();
        }
        // What JsonElement throws where a member is missing or of another kind.
        catch (Exception exception)
            when (exception is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            Report(CertificateProblem.Inconsistent, $"line {place} contradicts itself or the lines before it");
        }
    }

    private static void Demand(bool isSo)
    {
        if (!isSo)
            throw new FormatException();
    }

    private static IEnumerable<string> Flags(string text) =>
        text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);

    private static byte[] Bytes(JsonElement line, string member) => Encoding.UTF8.GetBytes(Needed(line, member));

    private static string Needed(JsonElement line, string member) => line.GetProperty(member).GetString() ?? throw new FormatException();

    private static string? Text(JsonElement line, string member) =>
        line.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private void Report(string code, string detail)
    {
        // One of each kind at least: the first problems must not hide another one.
        if (_problems.Count < MostProblems || !_problems.Exists(problem => problem.Code == code))
            _problems.Add(new CertificateProblem(code, name, detail));
    }
}
