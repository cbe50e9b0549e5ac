using Migrator.Core.Certificates;
using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Says for the certificate what became of the messages that go to one target folder.</summary>
/// <param name="keeps">The source keeps flags and dates.</param>
internal sealed class FolderCertificate(CertificateDraft draft, IReadOnlyList<FolderMapping> mappings, bool keeps)
{
    // Once the folder was read: what was read takes memory.
    private (UidValidity[] Source, UidValidity Target)? _validities;

    /// <summary>Tells what UIDs belong to, while it reads.</summary>
    public FolderPairReading? Reading { private get; set; }

    private FolderPath Target => mappings[0].Target;

    /// <summary>None of these folders was compared.</summary>
    public static void Failed(CertificateDraft draft, IReadOnlyList<FolderMapping> mappings, Failure failure)
    {
        foreach (var mapping in mappings)
            draft.Add(new CertifiedFolder(mapping.Source.Path, default, CertifiedFolder.Failed, failure.Code, null));
    }

    /// <summary>A message and its copy.</summary>
    /// <param name="sameParts">Where the bytes differ: header fields, text and attachments do not.</param>
    public void Compared(ReadMessage source, ReadMessage target, bool sameParts) =>
        draft.Add(
            CertifiedMessage.Compared(
                mappings[source.Mapping].Source.Path,
                Validity(source.Mapping),
                source.Uid,
                OfSource(source),
                Copy(target),
                sameParts
            )
        );

    /// <summary>A message that has no copy in the target folder that is only its own.</summary>
    /// <param name="place">Where it has one; null for nowhere.</param>
    public void Lost(ReadMessage source, CertifiedState state, FolderPath? place = null) =>
        draft.Add(
            new CertifiedMessage(
                mappings[source.Mapping].Source.Path,
                Validity(source.Mapping),
                source.Uid,
                state,
                OfSource(source),
                place is null ? null : new CertifiedCopy(place)
            )
        );

    public void Trashed(PairedMessage pair) =>
        draft.Add(
            new CertifiedMessage(
                mappings[pair.Mapping].Source.Path,
                Validity(pair.Mapping),
                pair.Uid,
                CertifiedState.Trashed,
                new CertifiedContent(pair.Content, pair.Size, null, null),
                new CertifiedCopy(Target, pair.TargetUid)
            )
        );

    public void Unreadable(int mapping, Uid uid) =>
        draft.Add(
            new CertifiedMessage(mappings[mapping].Source.Path, Validity(mapping), uid, CertifiedState.Unreadable, null, null)
            {
                Reason = Reason.SourceUnreadable,
            }
        );

    /// <summary>A message that the rules of the job leave out.</summary>
    public void Skipped(int mapping, Uid uid) =>
        draft.Add(new CertifiedMessage(mappings[mapping].Source.Path, Validity(mapping), uid, CertifiedState.Skipped, null, null));

    public void Extra(ReadMessage target, bool duplicate) => draft.AddExtra(Copy(target), duplicate);

    /// <summary>The folders were read, and what was read is about to be dropped.</summary>
    public void Read(FolderPairReading reading)
    {
        _validities = ([.. mappings.Select((_, mapping) => reading.UidValidity(mapping))], reading.TargetUidValidity);
        Reading = null;
    }

    /// <param name="limited">Why they may hold more than was read; null where they do not.</param>
    public void End(Failure? limited)
    {
        foreach (var (index, mapping) in mappings.Index())
            draft.Add(
                new CertifiedFolder(
                    mapping.Source.Path,
                    Validity(index),
                    limited is null ? CertifiedFolder.Compared : CertifiedFolder.Limited,
                    limited?.Code,
                    Target
                )
                {
                    TargetUidValidity = _validities!.Value.Target,
                    TargetExists = mapping.Exists,
                }
            );
    }

    private UidValidity Validity(int mapping) => _validities is { } known ? known.Source[mapping] : Reading!.UidValidity(mapping);

    private CertifiedContent OfSource(ReadMessage message) =>
        new(message.Content, message.Size, keeps ? message.Flags : null, keeps && message.Dated ? message.Date : null);

    private CertifiedCopy Copy(ReadMessage message) =>
        new(Target, message.Uid, new CertifiedContent(message.Content, message.Size, message.Flags, message.Date));
}
