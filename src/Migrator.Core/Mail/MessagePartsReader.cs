using System.Text;

namespace Migrator.Core.Mail;

/// <summary>Reads the parts of a message (MIME, RFC 2045 and 2046) as its bytes come, in bounded memory. The first of several equal header
/// fields counts, and what is not MIME is a text.</summary>
internal sealed class MessagePartsReader : IDisposable
{
    private const int LongestLine = 8192;

    // What a message needs that people write; a deeper one is compared as far as that.
    private const int MostLevels = 200;

    private const int MostParts = 1000;

    private readonly byte[] _line = new byte[LongestLine];
    private readonly List<(byte[] Boundary, int Group)> _levels = [];
    private readonly List<(int Group, ContentId Text)> _texts = [];
    private readonly List<ContentId> _attachments = [];
    private readonly HeaderFields _message = new();
    private HeaderFields? _header;
    private PartHash? _part;
    private int _length,
        _groups;
    private bool _lineContinues;

    public MessagePartsReader() => _header = _message;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n');
            var some = bytes[..Math.Min(end < 0 ? bytes.Length : end, LongestLine - _length)];
            some.CopyTo(_line.AsSpan(_length));
            _length += some.Length;
            bytes = bytes[some.Length..];
            if (bytes.Length > 0 && bytes[0] == '\n')
            {
                bytes = bytes[1..];
                EndLine(complete: true);
            }
            else if (_length == LongestLine)
                EndLine(complete: false);
        }
    }

    public MessageParts Finish()
    {
        if (_length > 0)
            EndLine(complete: true);
        _header?.End();
        EndPart();
        return new MessageParts(
            HeaderText.Id(_message.MessageId),
            HeaderText.Date(_message.Date),
            HeaderText.Addresses(_message.From),
            HeaderText.Addresses(_message.To),
            HeaderText.Words(_message.Subject),
            _texts,
            _attachments
        );
    }

    public void Dispose() => _part?.Dispose();

    private void EndLine(bool complete)
    {
        var line = _line.AsSpan(0, _length);
        if (complete && line is [.., (byte)'\r'])
            line = line[..^1];
        if (_lineContinues || !IsBoundary(line))
        {
            if (_header is not null)
                Header(line);
            else
                _part?.Append(line, complete);
        }
        (_length, _lineContinues) = (0, !complete);
    }

    private bool IsBoundary(ReadOnlySpan<byte> line)
    {
        if (_levels.Count == 0 || line is not [(byte)'-', (byte)'-', ..])
            return false;
        line = line[2..].TrimEnd(" \t"u8);
        for (var level = _levels.Count - 1; level >= 0; level--)
        {
            var boundary = _levels[level].Boundary.AsSpan();
            var closes = line.Length == boundary.Length + 2 && line.EndsWith("--"u8);
            if (!line.StartsWith(boundary) || (line.Length > boundary.Length && !closes))
                continue;
            EndPart();
            _levels.RemoveRange(level + (closes ? 0 : 1), _levels.Count - level - (closes ? 0 : 1));
            _header = closes ? null : new HeaderFields();
            return true;
        }
        return false;
    }

    private void Header(ReadOnlySpan<byte> line)
    {
        if (line.Length > 0 || _lineContinues)
        {
            _header!.Append(line, _lineContinues);
            return;
        }
        _header!.End();
        var type = MimeType.Parse(_header.ContentType);
        if (type.IsMultipart && _levels.Count < MostLevels)
        {
            _levels.Add((Encoding.Latin1.GetBytes(type.Boundary!), type.Name == "multipart/alternative" ? ++_groups : Group));
            _header = null;
        }
        // The header of the message within is read as that of a part.
        else if (type.Name == "message/rfc822" && TransferDecoder.IsIdentity(_header.TransferEncoding))
            _header = new HeaderFields();
        else
        {
            _part =
                _texts.Count + _attachments.Count < MostParts && !type.IsConverted
                    ? new PartHash(type, _header.TransferEncoding, _header.Disposition)
                    : null;
            _header = null;
        }
    }

    private int Group => _levels.Count > 0 ? _levels[^1].Group : 0;

    private void EndPart()
    {
        if (_part?.Finish() is { } content)
        {
            if (_part.IsText)
                _texts.Add((Group > 0 ? Group : -_texts.Count - 1, content));
            else
                _attachments.Add(content);
        }
        _part?.Dispose();
        (_part, _header) = (null, null);
    }
}
