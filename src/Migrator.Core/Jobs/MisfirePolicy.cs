namespace Migrator.Core.Jobs;

/// <summary>A start is missed where no worker was there to make it.</summary>
public enum MisfirePolicy
{
    /// <summary>Made up for as soon as a worker is there, once however many were missed.</summary>
    RunOnce,

    /// <summary>Left out; the next one counts.</summary>
    Skip,
}
