using Migrator.Core.Mail;

namespace Migrator.Core.Checkpoints;

/// <summary>How far a folder had come when it was seen last. Neither number ever decreases under one UIDVALIDITY (RFC 9051, section
/// 2.3.1.1; RFC 7162, section 3.1.2.1) unless the server was restored from an earlier state; it then gives UIDs again, to other
/// messages.</summary>
/// <param name="UidNext">0 where unknown.</param>
/// <param name="ModSeq">0 where unknown.</param>
public readonly record struct HighWaterMark(Uid UidNext, ulong ModSeq)
{
    public bool IsAheadOf(FolderState state) =>
        (state.UidNext.IsKnown && state.UidNext < UidNext) || (state.HighestModSeq > 0 && state.HighestModSeq < ModSeq);

    /// <summary>Mail arrived and the mod-sequence did not move, as it must (RFC 7162, section 3.1.2.1): flags may have changed without it
    /// as well.</summary>
    public bool HasStuckModSeq(FolderState state) =>
        ModSeq > 0 && ModSeq == state.HighestModSeq && UidNext.IsKnown && UidNext < state.UidNext;

    public HighWaterMark Raise(FolderState state) => new(Uid.Higher(UidNext, state.UidNext), Math.Max(ModSeq, state.HighestModSeq));

    public static HighWaterMark Of(FolderState state) => new(state.UidNext, state.HighestModSeq);
}
