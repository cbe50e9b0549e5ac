namespace Migrator.Core.Checkpoints;

/// <summary>What a person has decided about the migration of a mailbox as a whole, and what runs have to respect. Numbers are stored: never
/// renumbered.</summary>
public enum MailboxPhase
{
    /// <summary>Runs bring what is new.</summary>
    Open = 0,

    /// <summary>It was taken back, or that has begun: no run brings it again unless a person asks for it.</summary>
    Undone = 1,

    /// <summary>Its user works at the target: until <see cref="PhaseMark.Until"/>, runs bring mail that still arrives at the source, and
    /// follow nothing else.</summary>
    Switched = 2,
}
