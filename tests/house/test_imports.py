"""Imports of the package: no cycle of any kind."""

import grimp
import networkx as nx


def test_no_module_imports_itself_by_any_way_imports_in_functions_and_for_types_counted():
    graph = grimp.build_graph("gridmodel", exclude_type_checking_imports=False, cache_dir=None)
    imports = nx.DiGraph(
        (name, other) for name in graph.modules for other in graph.find_modules_directly_imported_by(name)
    )
    cycles = [sorted(part) for part in nx.strongly_connected_components(imports) if len(part) > 1]
    assert len(imports) > 200
    assert not cycles
