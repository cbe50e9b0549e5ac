using System.Collections;

namespace Migrator.App.Reports;

/// <summary>Rows made when they are read: of 10,000 differences, a page shows fifty.</summary>
internal sealed class ReportRows<T>(IReadOnlyList<T> items, Func<T, IReadOnlyList<ReportCell>> row)
    : IReadOnlyList<IReadOnlyList<ReportCell>>
{
    public int Count => items.Count;

    public IReadOnlyList<ReportCell> this[int index] => row(items[index]);

    public IEnumerator<IReadOnlyList<ReportCell>> GetEnumerator() => items.Select(row).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
