namespace Migrator.Tests.Fuzzing;

/// <summary>A reader of bytes that somebody else wrote.</summary>
internal abstract class FuzzTarget : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>What is mutated: at least one.</summary>
    public abstract IReadOnlyList<byte[]> Inputs { get; }

    /// <summary>What means something to the reader.</summary>
    public virtual IReadOnlyList<string> Tokens => [];

    /// <summary>How much may be allocated for one input, all threads together.</summary>
    public virtual long MostAllocated => 256L << 20;

    /// <summary>The last input was read to its end.</summary>
    public bool WasRead { get; protected set; }

    /// <summary>Why the last input was not, where that is known.</summary>
    public string Refusal { get; protected set; } = "";

    /// <summary>Reads an input. Failures that the product documents are caught here; any other one is a finding.</summary>
    /// <param name="origin">The input that was mutated, as an index.</param>
    public abstract Task ReadAsync(byte[] input, int origin, CancellationToken stop);

    public virtual ValueTask DisposeAsync() => default;
}
