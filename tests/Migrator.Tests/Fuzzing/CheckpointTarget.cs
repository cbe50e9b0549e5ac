using Migrator.Core.Checkpoints;
using Migrator.Core.Reports;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Fuzzing;

/// <summary>The checkpoint of a copy as a disk or another program has damaged it: of mail that was copied, and mail that was not.
/// </summary>
internal sealed class CheckpointTarget : FuzzTarget
{
    // What a disk turns over at once, and what a write that was torn leaves.
    private const int MostInPlace = 64;

    private readonly ScriptedImap _source = new();
    private readonly ScriptedImap _target = new();
    private readonly Harness _harness;
    private readonly List<byte[]> _inputs = [];
    private Dictionary<string, ScriptedFolder> _copied = [];

    private CheckpointTarget() => _harness = new Harness(_source, _target);

    public override string Name => "checkpoint";

    public override IReadOnlyList<byte[]> Inputs => _inputs;

    private string File => Path.Combine(_harness.State, "checkpoints.db");

    public static async Task<FuzzTarget> MakeAsync(CancellationToken stop)
    {
        var made = new CheckpointTarget();
        made._source.Inbox.Fill(40);
        (made._source.Folders["Work"] = new ScriptedFolder()).Fill(20, first: 100);
        await made._harness.RunAsync(stop);
        made._copied = made.Folders();
        made._inputs.Add(await System.IO.File.ReadAllBytesAsync(made.File, stop));
        made._source.Inbox.Fill(3, first: 200);
        made._source.Folders["Work"].Fill(2, first: 300);
        return made;
    }

    public override async Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        lock (_target.Guard)
        {
            _target.Folders.Clear();
            foreach (var (name, folder) in _copied)
                _target.Folders[name] = folder.Copy();
        }
        foreach (var file in new[] { "-wal", "-shm" })
            System.IO.File.Delete(File + file);
        await System.IO.File.WriteAllBytesAsync(File, InPlace(input), stop);
        WasRead = false;
        try
        {
            var report = await _harness.RunAsync(stop, new ImmediateClock());
            WasRead = report.Outcome == RunOutcome.Complete;
            Refusal = $"{report.Outcome}";
        }
        catch (CheckpointException exception)
        {
            // As promised.
            Refusal = exception.Message;
        }
        if (WasRead && Missing() is { Count: > 0 } missing)
            throw new InvalidDataException($"Complete, and not at the target: {string.Join(", ", missing)}");
    }

    public override async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }

    /// <summary>Mostly, bytes that are inserted or left out only change others: a shift of all that follows is found by SQLite at
    /// once.</summary>
    private byte[] InPlace(byte[] input)
    {
        var at = input.AsSpan().CommonPrefixLength(_inputs[0]);
        if (at == input.Length || at == _inputs[0].Length || input.Length % 8 == 7)
            return input;
        var damaged = _inputs[0].ToArray();
        input.AsSpan(at, Math.Min(MostInPlace, Math.Min(input.Length, damaged.Length) - at)).CopyTo(damaged.AsSpan(at));
        return damaged;
    }

    private Dictionary<string, ScriptedFolder> Folders()
    {
        lock (_target.Guard)
            return _target.Folders.ToDictionary(folder => folder.Key, folder => folder.Value.Copy());
    }

    private List<string> Missing()
    {
        var stored = Folders();
        return
        [
            .. _source.Folders.SelectMany(folder =>
                folder
                    .Value.Messages.Where(message =>
                        stored.GetValueOrDefault(folder.Key)?.Messages.Exists(copy => copy.Content.AsSpan().SequenceEqual(message.Content))
                        != true
                    )
                    .Select(message => $"{folder.Key} UID {message.Uid}")
            ),
        ];
    }
}
