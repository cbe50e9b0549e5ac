namespace Migrator.Core.Migrations;

/// <summary>The smallest message that the target refused for lack of room in this run. Smaller ones may still fit; a
/// message as large or larger is not even fetched.</summary>
internal sealed class Quota
{
    private long _floor = long.MaxValue;

    public bool Excludes(long size) => size >= Interlocked.Read(ref _floor);

    public void Refused(long size)
    {
        for (var floor = Interlocked.Read(ref _floor); size < floor; floor = Interlocked.Read(ref _floor))
            Interlocked.CompareExchange(ref _floor, size, floor);
    }
}
