using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Files.Manifest;
using Migrator.Files.Messages;

namespace Migrator.Files.Reading;

/// <summary>Finds mail in files of one format, no matter which program wrote them. One reader serves all sessions of an import.</summary>
internal interface IFormatReader
{
    /// <summary>A message begins with a separator line and is quoted, as in an mbox.</summary>
    bool IsMbox { get; }

    /// <summary>Every folder below the root. What is not mail is among the findings.</summary>
    IEnumerable<FoundFolder> Find(CancellationToken cancellationToken);

    /// <summary>The messages of a folder, in a stable order.</summary>
    /// <param name="from">Where to begin in a file that holds several.</param>
    List<FoundMessage> Scan(string place, long from, CancellationToken cancellationToken);

    /// <summary>By which a message is found again: what stays the same when another program changes its flags.</summary>
    string Key(FoundMessage message);

    /// <summary>What the files themselves say about a message.</summary>
    /// <exception cref="MailException"><see cref="Reason.SourceUnreadable"/>.</exception>
    FoundDetails Describe(string place, FoundMessage message);

    /// <param name="pump">Has its file open.</param>
    IStoredMessage Open(FilePump pump, FoundMessage message);

    /// <summary>The flags of an exported message, of which another program may have changed some.</summary>
    /// <param name="file">Its file now.</param>
    FlagSet Changed(ExportManifestMessage exported, string file);

    /// <summary>Where a message is now whose file is not there any more; null where it is nowhere.</summary>
    FoundMessage? Moved(string place, FoundMessage message);
}
