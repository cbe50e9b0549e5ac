using System.Security.Cryptography;
using Migrator.Core.Auditing;
using Migrator.Core.Redaction;

namespace Migrator.Storage.Auditing;

/// <summary>Reads a trail and names what is not as it was written. It takes no lock: lines that are added meanwhile do no harm, because the
/// head was read first.</summary>
/// <param name="state">The state directory.</param>
/// <param name="from">A hash of this trail that was kept elsewhere: it must be there still, and what lay before it may have been moved
/// away. Null for none.</param>
public sealed class AuditVerification(string state, string? from)
{
    private const int Most = 100;

    private readonly AuditFiles _files = new(state);
    private readonly List<AuditFault> _faults = [],
        _notes = [];
    private readonly IncrementalHash _rest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _count,
        _lines,
        _first,
        _last,
        _restBytes,
        _restFirst,
        _restLines;
    private string _hash = AuditLine.NoHash,
        _file = "";
    private bool _afterDamage,
        _restHasLineEnd,
        _headSeen,
        _fromSeen;
    private AuditHead? _head;

    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">There is no right to read it.</exception>
    public AuditReport Run(CancellationToken stop)
    {
        _head = AuditHead.Read(_files.Head);
        var files = _files.All();
        foreach (var (index, path) in files.Index())
        {
            _file = Path.GetFileName(path);
            using var lines = new AuditLines(path);
            while (lines.Next())
            {
                stop.ThrowIfCancellationRequested();
                if (lines.Line is { } line)
                    Look(line, lines.Number);
                else
                    Rest(lines);
            }
            EndOfFile(isLast: index == files.Count - 1);
        }
        CheckEnd(files.Count);
        return new AuditReport(_files.Directory, files.Count, _lines, _first, _last, _hash, _count, _faults, _notes);
    }

    private void Look(AuditLine line, long number)
    {
        EndRest(line);
        _lines++;
        _fromSeen |= line.Hash == from;
        if (_lines == 1)
            LookAtFirst(line, number);
        else if (line.Sequence <= _last)
        {
            Fault(number, $"sequence {line.Sequence} follows {_last}: lines were put in another order, or one was put in.");
            return;
        }
        else if (line.Sequence > _last + 1 + (_afterDamage ? _restLines : 0) && line.Cut is not { LostFrom: > 0 })
            Fault(number, $"{Range(_last + 1, line.Sequence - 1)} before it: removed.");
        else if (!_afterDamage && line.Previous != _hash)
            Fault(
                number,
                $"it does not continue the line before (sequence {_last}): one of the two was replaced, or lines before it were changed."
            );
        if (line.Cut is { } cut)
            LookAtCut(cut, line, number);
        if (_head is not null && line.Sequence == _head.Sequence)
        {
            _headSeen = true;
            if (line.Hash != _head.Hash)
                Fault(
                    number,
                    $"the record of the last line ({_files.Head}) has another hash for sequence {line.Sequence}: this line was replaced."
                );
        }
        (_last, _hash, _afterDamage, _restLines) = (line.Sequence, line.Hash, false, 0);
    }

    private void LookAtFirst(AuditLine line, long number)
    {
        _first = line.Sequence;
        if (line.Previous == from)
        {
            _fromSeen = true;
            Note(number, $"the trail begins with sequence {line.Sequence}, right behind the line whose hash was given.");
        }
        else if (line.Sequence > 1 && line.Cut is not { LostFrom: 1 })
            Fault(
                number,
                $"the trail begins with sequence {line.Sequence}: what was before it is not here. If it was moved away on "
                    + $"purpose, give the hash of the last line that was moved: --from HASH ({line.Previous} by this line)."
            );
        else if (line.Previous != AuditLine.NoHash)
            Fault(number, "it is the first line, and continues another.");
    }

    private void LookAtCut(AuditCut cut, AuditLine line, long number)
    {
        if (cut.LostFrom > 0)
            Fault(
                number,
                $"{Range(cut.LostFrom, cut.LostTo)}: removed or replaced at the end of the trail before "
                    + $"{line.Time.UtcDateTime:u}, when the next writer missed them."
            );
        if (cut.HeadMissing)
            Fault(
                number,
                $"{_files.Head} was missing at {line.Time.UtcDateTime:u}: it is unknown whether lines were removed at the end before that."
            );
    }

    /// <summary>What is no line: left by a writer that died, or changed.</summary>
    private void Rest(AuditLines lines)
    {
        if (_restBytes == 0)
            _restFirst = lines.Number;
        _rest.AppendData(lines.Bytes);
        _restBytes += lines.Bytes.Length;
        _restLines = lines.Number - _restFirst + 1;
        _restHasLineEnd = lines.HasLineEnd;
    }

    private void EndRest(AuditLine? line)
    {
        if (_restBytes == 0)
            return;
        var digest = Convert.ToHexStringLower(_rest.GetHashAndReset());
        if (line?.Cut is { } cut && cut.Bytes == _restBytes && cut.Digest == digest)
            Note(
                _restFirst,
                $"{_restBytes:N0} bytes are not a line: a writer ended while it wrote them. The next one sealed them off at "
                    + $"{line.Time.UtcDateTime:u}."
            );
        else
        {
            _afterDamage = true;
            Fault(
                _restFirst,
                _restLines > 1
                    ? $"this line and the {_restLines - 1:N0} after it are not as they were written."
                    : "this line is not as it was written."
            );
        }
        _restBytes = 0;
        if (!_afterDamage)
            _restLines = 0;
    }

    private void EndOfFile(bool isLast)
    {
        // Being written at this moment, or left by a writer that died: the next one seals it off.
        if (isLast && _restBytes > 0 && !_restHasLineEnd && _restLines == 1)
        {
            Note(_restFirst, $"the last {_restBytes:N0} bytes are not a complete line: a process is writing them, or ended while writing.");
            _restBytes = 0;
        }
        EndRest(null);
    }

    private void CheckEnd(int files)
    {
        if (_head is null && files > 0)
            Fault(0, $"{_files.Head} is missing: it is unknown whether lines were removed at the end.");
        else if (_head is not null && _head.Sequence > _last)
            Fault(0, $"{Range(_last + 1, _head.Sequence)}: removed or changed at the end of the trail. {_files.Head} knows of them.");
        else if (_head is { Sequence: > 0 } && !_headSeen && _head.Sequence >= _first)
            Fault(0, $"sequence {_head.Sequence}, the last one that {_files.Head} knows, is not here.");
        if (from is not null && !_fromSeen)
            Fault(
                0,
                $"no line has the hash {from}: the trail is not the one that this hash was taken of, or what was before it was changed."
            );
    }

    private static string Range(long first, long last) =>
        first == last ? $"sequence {first} is missing" : $"sequences {first} to {last} are missing";

    private void Fault(long line, string what)
    {
        _count++;
        if (_faults.Count < Most)
            _faults.Add(new AuditFault(_file, line, SecretRedactor.Redact(what)));
    }

    private void Note(long line, string what)
    {
        if (_notes.Count < Most)
            _notes.Add(new AuditFault(_file, line, what));
    }
}
