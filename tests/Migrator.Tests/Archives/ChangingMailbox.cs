using System.Text;
using Migrator.Core.Mail;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Archives;

/// <summary>A mailbox in which something happens every day, at random but the same every time.</summary>
internal sealed class ChangingMailbox
{
    private static readonly string[] s_flags =
    [
        "\\Seen",
        "\\Flagged",
        "\\Answered",
        "\\Draft",
        "\\Deleted",
        "$Forwarded",
        "$Label1",
        "NonJunk",
        "nonjunk",
    ];

    private readonly Random _random = new(365);
    private readonly List<byte[]> _sent = [];
    private int _named;
    private uint _validity = 1000;

    public ChangingMailbox()
    {
        Source.Add("INBOX", SpecialUse.Inbox);
        Source.Add("Sent", SpecialUse.Sent);
        Source.Add("Lists", selectable: false, subscribed: false);
        Source.Add("Archive/2025", SpecialUse.Archive);
        foreach (var folder in Source.Folders)
            folder.HighestModSeq = 1;
    }

    public MemoryMailSource Source { get; } = new();

    /// <returns>Whether anything happened.</returns>
    public bool LiveADay()
    {
        if (_random.Next(8) == 0)
            return false;
        for (var count = 1 + _random.Next(8); count > 0; count--)
            Happen();
        // Whatever else happened: one thing that can be seen.
        Deliver(Pick());
        return true;
    }

    private void Happen()
    {
        var (folder, other) = (Pick(), Pick());
        var message = folder.Messages.Count == 0 ? null : folder.Messages.Values.ElementAt(_random.Next(folder.Messages.Count));
        switch (_random.Next(20))
        {
            case < 6:
                Deliver(folder);
                break;
            case < 11 when message is not null:
                folder.Messages[message.Uid] = message with { Flags = Flags() };
                Touch(folder);
                break;
            case < 14 when message is not null:
                Remove(folder, message);
                Put(other, message.Bytes, message.Flags, message.InternalDate);
                break;
            case < 16 when message is not null:
                Remove(folder, message);
                break;
            case 16:
                Touch(Source.Add($"Folder {_named++}", subscribed: _random.Next(2) == 0, uidValidity: _validity++));
                break;
            case 17 when !folder.Path.IsInbox:
                // Renamed: with its messages and their UIDs.
                Replace(folder, FolderPath.Parse($"Renamed {_named++}"), folder.UidValidity, folder.Subscribed);
                break;
            case 18 when Source.Folders.Count > 8 && !folder.Path.IsInbox:
                Source.Folders.Remove(folder);
                break;
            case 18:
                Replace(folder, folder.Path, folder.UidValidity, !folder.Subscribed);
                break;
            case 19 when _random.Next(4) == 0:
                Replace(folder, folder.Path, _validity++, folder.Subscribed);
                break;
        }
    }

    private MemoryMailSource.Folder Pick()
    {
        var folders = Source.Folders.Where(folder => folder.Selectable).ToList();
        return folders[_random.Next(folders.Count)];
    }

    private FlagSet Flags() => new(s_flags.Where(_ => _random.Next(4) == 0));

    private void Deliver(MemoryMailSource.Folder folder)
    {
        var bytes = _random.Next(6) switch
        {
            0 when _sent.Count > 0 => _sent[_random.Next(_sent.Count)],
            1 => [],
            _ => Encoding.Latin1.GetBytes(
                $"Subject: {_random.Next()}\r\n\r\n{string.Concat(Enumerable.Repeat("é\r\n.", _random.Next(200)))}"
            ),
        };
        _sent.Add(bytes);
        Put(
            folder,
            bytes,
            Flags(),
            DateTimeOffset.FromUnixTimeSeconds(_random.Next()).ToOffset(TimeSpan.FromMinutes(_random.Next(-12 * 60, 14 * 60)))
        );
    }

    private static void Put(MemoryMailSource.Folder folder, byte[] bytes, FlagSet flags, DateTimeOffset date)
    {
        folder.Add(bytes, flags.ToString(), date);
        Touch(folder);
    }

    private static void Remove(MemoryMailSource.Folder folder, MemoryMailSource.Message message)
    {
        folder.LastUid = folder.State.UidNext.Value - 1;
        folder.Messages.Remove(message.Uid);
        Touch(folder);
    }

    private static void Touch(MemoryMailSource.Folder folder) => folder.HighestModSeq++;

    private void Replace(MemoryMailSource.Folder folder, FolderPath path, UidValidity validity, bool subscribed)
    {
        var now = new MemoryMailSource.Folder(path, folder.Use, folder.Selectable, subscribed, validity.Value)
        {
            HighestModSeq = folder.HighestModSeq,
            LastUid = folder.LastUid,
        };
        foreach (var message in folder.Messages.Values)
            now.Messages.Add(message.Uid, message);
        Source.Folders[Source.Folders.IndexOf(folder)] = now;
    }
}
